import type { VirtualMachine, VirtualMachineInstance } from '../../../src/api/schema/kinds.js';
import { isFinal } from '../../../src/api/vmi/phase.js';
import { logsSerialConsole } from '../../../src/api/vmi/serial-log.js';
import { CONSOLE_LOG_CONTAINER } from '../../../src/launcher/console-log.js';
import type { ApiClient } from '../client/client.js';
import { ifThere } from '../client/if-there.js';
import { isPodOf, type LauncherPod, launcherPods } from '../client/launcher-pod.js';
import { missingNamespace } from '../client/namespace.js';
import { ApiStatusError } from '../client/status.js';
import { type VirtualMachineState, whyNotRunning } from '../client/why-not-running.js';
import { CliError } from '../errors.js';
import { objectPath } from '../paths.js';

/** The pod whose log is meant. */
export interface Found {
  readonly pod: string;
  readonly uid: string;
  /** Its container still prints. */
  readonly speaks: boolean;
  /** The guest has ended, and no other is due. */
  readonly isLast: boolean;
}

/** Not there yet, but it may come: what to say while one waits, and when nobody does. */
export interface NotYet {
  readonly waiting: string;
  readonly remedy: string;
  /** Nothing is due: somebody has to start it. */
  readonly isLast: boolean;
}

/** There is no log, and none comes by itself. */
export class NoLog extends CliError {
  override readonly name = 'NoLog';
}

type Devices = VirtualMachineInstance['spec']['domain']['devices'];

/** The VM and its namespace, as a command takes them. */
interface Named {
  readonly name: string;
  readonly namespace: string;
}

const keepsNothing = ({ name, namespace }: Named, devices: Devices, template: Devices | undefined): NoLog => {
  if (devices.autoattachSerialConsole === false)
    return new NoLog(`${name} has no serial console: autoattachSerialConsole is false`, {
      remedy: `Take that out of the VM, add logSerialConsole: true, and restart it: kubectl virt restart ${name} -n ${namespace}`,
    });
  const isNew = template !== undefined && logsSerialConsole(template);
  return new NoLog(
    `nothing is kept of what ${name} says: logSerialConsole is ${isNew ? 'newer than the guest' : 'not set'}`,
    {
      remedy: isNew
        ? `Restart it: kubectl virt restart ${name} -n ${namespace}`
        : `Set spec.template.spec.domain.devices.logSerialConsole: true and restart it; what it says now: kubectl virt console ${name} -n ${namespace}`,
    },
  );
};

const podsOf = async (client: ApiClient, name: string): Promise<readonly LauncherPod[]> => {
  try {
    return await launcherPods(client, name);
  } catch (error) {
    if (!(error instanceof ApiStatusError) || error.code !== 403) throw error;
    const remedy = `You need the verbs list on pods and get on pods/log in ${client.namespace}, as the role view has them.`;
    throw new CliError(error.message, { remedy, cause: error });
  }
};

const stateOf = ({ status }: LauncherPod) =>
  (status?.containerStatuses ?? []).find(({ name }) => name === CONSOLE_LOG_CONTAINER)?.state;

const isStarted = (pod: LauncherPod): boolean => {
  const state = stateOf(pod);
  return (state?.running ?? state?.terminated) !== undefined;
};

const hasLog = ({ spec }: LauncherPod): boolean =>
  (spec?.containers ?? []).some(({ name }) => name === CONSOLE_LOG_CONTAINER);

const found = (pod: LauncherPod, isLast: boolean): Found => ({
  pod: pod.metadata?.name ?? '',
  uid: pod.metadata?.uid ?? '',
  speaks: stateOf(pod)?.running !== undefined,
  isLast,
});

/** Words of printableStatus in which no guest is on its way. */
const AT_REST = ['Stopped', 'Terminating'];

const isAtRest = (vm: VirtualMachineState | undefined): boolean =>
  vm === undefined || AT_REST.includes(vm.status?.printableStatus ?? 'Stopped');

/** The instance before: its pod is deleted with it, so this is seldom there. */
const previousOf = async (client: ApiClient, name: string, vmi: VirtualMachineInstance | undefined): Promise<Found> => {
  const pods = await podsOf(client, name);
  const before = pods.find((pod) => hasLog(pod) && (vmi === undefined || !isPodOf(pod, vmi)));
  if (before !== undefined) return found(before, true);
  throw new CliError(`nothing is kept of the instance of ${name} before this one`, {
    remedy: `Its log goes with its pod. Reboots of the guest are in the log of the instance that runs; kubectl virt logs -f ${name} -n ${client.namespace} goes on over restarts.`,
  });
};

/**
 * Where the log is, or what it waits for.
 * @throws CliError where there is none, and none comes by itself
 */
export const findLog = async (client: ApiClient, name: string, previous: boolean): Promise<Found | NotYet> => {
  const { namespace } = client;
  const vmi = await ifThere(client.get<VirtualMachineInstance>(objectPath('vmi', namespace, name)));
  const vm = await ifThere(client.get<VirtualMachine & VirtualMachineState>(objectPath('vm', namespace, name)));
  if (vmi === undefined && vm === undefined) {
    const remedy = `See what there is: kubectl virt list -n ${namespace}`;
    throw (
      (await missingNamespace(client)) ?? new NoLog(`there is no virtual machine "${name}" in ${namespace}`, { remedy })
    );
  }
  if (previous) return previousOf(client, name, vmi);
  const template = vm?.spec.template.spec?.domain.devices;
  if (vmi === undefined) {
    if (template !== undefined && !logsSerialConsole(template))
      throw keepsNothing({ name, namespace }, template, template);
    const why = vm === undefined ? undefined : whyNotRunning(vm);
    const state = vm?.status?.printableStatus ?? 'Stopped';
    return {
      waiting: `${name} does not run: it is ${state}${why === undefined ? '' : `: ${why}`}`,
      remedy: `Its log went with its last pod. Start it: kubectl virt start ${name} -n ${namespace}`,
      isLast: isAtRest(vm),
    };
  }
  const { devices } = vmi.spec.domain;
  if (!logsSerialConsole(devices)) throw keepsNothing({ name, namespace }, devices, template);
  const pods = await podsOf(client, name);
  const pod = pods.find((each) => isPodOf(each, vmi));
  if (pod !== undefined && isStarted(pod)) return found(pod, isFinal(vmi) && isAtRest(vm));
  const why = vm === undefined ? undefined : whyNotRunning(vm);
  return {
    waiting: `the guest of ${name} has not started yet${why === undefined ? '' : `: ${why}`}`,
    remedy: `Wait for it with -f, or see why: kubectl virt doctor ${name} -n ${namespace}`,
    isLast: false,
  };
};
