import type { VirtualMachine, VirtualMachineInstance } from '../../../src/api/schema/kinds.js';
import { findCondition, isTrue } from '../../../src/api/vmi/condition.js';
import { isDeleting, isFinal, phaseOf, phaseTime } from '../../../src/api/vmi/phase.js';
import { effectiveRunStrategy } from '../../../src/api/vmi/run-strategy.js';
import { age } from '../age.js';
import { missingNamespace } from '../client/namespace.js';
import { type VirtualMachineState, whyNotRunning } from '../client/why-not-running.js';
import { objectPath } from '../paths.js';
import { hidden, ok, problem, told, warning, type Check } from './check.js';
import { checkPod } from './pod.js';
import { checkPrograms } from './programs.js';
import type { Reader } from './reader.js';

/*
 * Why a VM does not run: from the VM over its instance, pod and node to the guest, as far as the first link that is
 * broken. What virt-controller and the agents write says why in their own words; what to do is what
 * docs/troubleshooting.md says of the reason.
 */

type Machine = VirtualMachine & VirtualMachineState;

/** What was found of a VM, and what of it the next link is looked for with. */
export interface Looked {
  readonly reader: Reader;
  readonly name: string;
  readonly vm: Machine | undefined;
  readonly now: number;
}

const ago = (time: string | undefined, now: number): string => {
  const since = age(time, now);
  return since === undefined ? '' : ` ${since} ago`;
};

const ended = (vm: Machine, now: number): string | undefined => {
  const last = vm.status?.lastTermination;
  if (last?.reason === undefined) return undefined;
  return `its last instance ended${ago(last.time ?? undefined, now)}: ${last.reason}${last.message ? `, ${last.message}` : ''}`;
};

/** Of a reason that a condition, or the end of an instance, has. */
const remedyOf = (type: string, reason: string): string | undefined =>
  (told('condition', `${type}/${reason}`)?.remedy || told('end', reason)?.remedy) ?? undefined;

const machineLink = ({ reader, name, vm, now }: Looked): Check[] => {
  if (vm === undefined) return [];
  const about = `VM ${name}`;
  const status = vm.status?.printableStatus ?? 'unknown';
  const strategy = effectiveRunStrategy(vm.spec);
  if (isDeleting(vm)) return [problem(about, 'it is being deleted', told('status', 'Terminating')?.remedy)];
  const failure = findCondition(vm.status?.conditions, 'Failure');
  if (failure?.status === 'True') {
    const { reason = 'Failure', message = '' } = failure;
    return [problem(about, `${reason}: ${message}`, remedyOf('Failure', reason) ?? told('status', status)?.remedy)];
  }
  if (status === 'Stopped') {
    const last = ended(vm, now);
    const message = `it is stopped, and nothing is to run: its run strategy is ${strategy}${last === undefined ? '' : `; ${last}`}`;
    return [problem(about, message, `kubectl virt start ${name} -n ${reader.client.namespace}`)];
  }
  return [ok(about, `status ${status}, run strategy ${strategy}`)];
};

/** What refuses the controller's writes, or does not make them, may be a program of ours that is down. */
const programProblems = async (reader: Reader): Promise<Check[]> =>
  (await checkPrograms(reader)).filter(({ state }) => state === 'problem');

/** A VM that should have an instance has none: whose fault is it? */
const noInstance = async ({ reader, name, vm }: Looked): Promise<Check[]> => {
  const about = `instance ${name}`;
  const why = vm === undefined ? undefined : whyNotRunning(vm);
  const programs = await programProblems(reader);
  return [
    problem(
      about,
      `virt-controller has not made it${why === undefined ? '' : `: ${why}`}`,
      programs.length > 0 ? 'See what follows.' : 'See its log: kubectl logs -n kubevirt deployment/virt-controller',
    ),
    ...programs,
  ];
};

const isOwned = (vmi: VirtualMachineInstance, vm: Machine): boolean =>
  (vmi.metadata?.ownerReferences ?? []).some(({ uid }) => uid === vm.metadata?.uid);

/** Conditions of an instance that keep it from running, the most telling first. */
const KEEPING = ['Synchronized', 'DataVolumesReady'];

const instanceLink = (vmi: VirtualMachineInstance, { reader, name, vm }: Looked): Check[] => {
  const about = `instance ${name}`;
  const { conditions, reason } = vmi.status ?? {};
  if (vm !== undefined && !isOwned(vmi, vm))
    return [
      problem(
        about,
        'an instance of that name is there which is not of this VM',
        `Delete it: kubectl delete vmi ${name} -n ${reader.client.namespace}`,
      ),
    ];
  const phase = phaseOf(vmi);
  if (isFinal(vmi)) {
    const remedy = reason === undefined ? undefined : told('end', reason)?.remedy;
    const how = reason === undefined ? '' : `: ${reason}`;
    return [problem(about, `it has ended, phase ${phase}${how}`, remedy || told('phase', phase)?.remedy)];
  }
  if (isDeleting(vmi))
    return [problem(about, 'it is being deleted, and its guest powers off', told('status', 'Stopping')?.remedy)];
  for (const type of KEEPING) {
    const condition = findCondition(conditions, type);
    if (condition?.status !== 'False') continue;
    const { reason: because = type, message = '' } = condition;
    return [problem(about, `${because}: ${message}`, told('condition', `${type}/${because}`)?.remedy)];
  }
  return [ok(about, `phase ${phase}`)];
};

/** Ends of an instance that nobody wanted. */
const UNWANTED = ['Crashed', 'OOMKilled', 'LivenessProbeFailed', 'FailedToStart', 'Evicted', 'NodeGone'];

const guestLink = (vmi: VirtualMachineInstance, { reader, name, vm, now }: Looked): Check[] => {
  const { namespace } = reader.client;
  const about = `guest ${name}`;
  const conditions = vmi.status?.conditions;
  const paused = findCondition(conditions, 'Paused');
  if (paused?.status === 'True')
    return [
      problem(
        about,
        `it is paused: ${paused.message ?? paused.reason ?? ''}`,
        told('condition', `Paused/${paused.reason ?? ''}`)?.remedy ?? `kubectl virt unpause ${name} -n ${namespace}`,
      ),
    ];
  const since = ago(phaseTime(vmi, 'Running'), now);
  const agent = isTrue(conditions, 'AgentConnected') ? 'answers' : 'is not connected';
  const ready = findCondition(conditions, 'Ready');
  const emulated = findCondition(conditions, 'SoftwareEmulation');
  const crashed = UNWANTED.includes(vm?.status?.lastTermination?.reason ?? '') ? vm : undefined;
  return [
    ready?.status === 'False'
      ? warning(
          about,
          `it runs and is not ready: ${ready.message ?? ready.reason ?? ''}`,
          told('condition', `Ready/${ready.reason ?? ''}`)?.remedy ?? 'See its readinessProbe.',
        )
      : ok(about, `it runs${since === '' ? '' : `, started${since}`}; its guest agent ${agent}`),
    ...(emulated?.status === 'True'
      ? [
          warning(
            about,
            emulated.message ?? 'it is emulated and slow',
            told('condition', `SoftwareEmulation/${emulated.reason ?? ''}`)?.remedy ?? '',
          ),
        ]
      : []),
    ...(crashed === undefined
      ? []
      : [
          warning(
            about,
            ended(crashed, now) ?? '',
            told('end', crashed.status?.lastTermination?.reason ?? '')?.remedy ?? '',
          ),
        ]),
    ...(isTrue(vm?.status?.conditions, 'RestartRequired')
      ? [
          warning(
            about,
            'its template has changed since it started',
            `See what: kubectl virt pending ${name} -n ${namespace}`,
          ),
        ]
      : []),
  ];
};

const nothingThere = async (reader: Reader, name: string): Promise<Check> => {
  const gone = await missingNamespace(reader.client);
  const { namespace } = reader.client;
  return gone === undefined
    ? problem(`VM ${name}`, `it does not exist in ${namespace}`, `See what there is: kubectl virt list -n ${namespace}`)
    : problem(`VM ${name}`, gone.message, gone.remedy);
};

/** The links of a VM, up to the first that is broken. */
export const checkMachine = async (reader: Reader, name: string, now: number): Promise<Check[]> => {
  const { namespace } = reader.client;
  const machine = await reader.get<Machine>(objectPath('vm', namespace, name));
  const instance = await reader.get<VirtualMachineInstance>(objectPath('vmi', namespace, name));
  if (machine.is === 'failed') return [problem(`VM ${name}`, machine.message)];
  const isLost = machine.is === 'missing' && (instance.is === 'missing' || instance.is === 'hidden');
  if (isLost) return [await nothingThere(reader, name)];
  const looked: Looked = { reader, name, vm: machine.is === 'there' ? machine.content : undefined, now };
  const checks: Check[] = machine.is === 'hidden' ? [hidden(`VM ${name}`, `get virtualmachines in ${namespace}`)] : [];
  const isBroken = (): boolean => checks.some(({ state }) => state === 'problem');
  const running = instance.is === 'there' && phaseOf(instance.content) === 'Running';
  // What failed before the guest ran again is told with the guest.
  if (!running || looked.vm?.status?.printableStatus === 'Stopped') checks.push(...machineLink(looked));
  else if (looked.vm !== undefined)
    checks.push(ok(`VM ${name}`, `status ${looked.vm.status?.printableStatus ?? 'unknown'}`));
  if (isBroken())
    return looked.vm?.status?.printableStatus === 'Stopped' ? checks : [...checks, ...(await programProblems(reader))];
  if (instance.is === 'hidden')
    return [...checks, hidden(`instance ${name}`, `get virtualmachineinstances in ${namespace}`)];
  if (instance.is === 'failed') return [...checks, problem(`instance ${name}`, instance.message)];
  // Whether it should have one, the VM says, which one may not see.
  if (instance.is === 'missing') return looked.vm === undefined ? checks : [...checks, ...(await noInstance(looked))];
  const vmi = instance.content;
  checks.push(...instanceLink(vmi, looked));
  if (isBroken()) return checks;
  checks.push(...(await checkPod(vmi, looked)));
  if (isBroken()) return checks;
  return running ? [...checks, ...guestLink(vmi, looked)] : checks;
};
