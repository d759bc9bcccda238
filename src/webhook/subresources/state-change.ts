import type { VirtualMachine, VirtualMachineInstance } from '../../api/schema/kinds.js';
import { isTrue } from '../../api/vmi/condition.js';
import { DEFAULT_GRACE_PERIOD_SECONDS, gracePeriod as gracePeriodOf } from '../../api/vmi/grace-period.js';
import { isDeleting, isFinal } from '../../api/vmi/phase.js';
import { effectiveRunStrategy } from '../../api/vmi/run-strategy.js';
import type { PatchOperation, StateChange } from './state-change-patches.js';
import { endBackOff } from './try-now.js';
import { conflict, badRequest } from '../../agent-api/status-error.js';

/*
 * start, stop and restart as pure decisions: a VM, its VMI and the caller's options in, JSON patches out
 * (docs/reference/control.md §4). Each patch tests what it was decided on, so two callers at once cannot both win.
 */

interface StateChangeRequest {
  readonly action: 'Start' | 'Stop';
  readonly uid?: string;
  readonly data?: Readonly<Record<string, string>>;
}

const nameOf = (vm: VirtualMachine) => vm.metadata?.name ?? '';
const refuse = (vm: VirtualMachine, text: string) => conflict('virtualmachines', nameOf(vm), text);

const isLive = (vmi: VirtualMachineInstance | undefined): vmi is VirtualMachineInstance =>
  vmi !== undefined && !isFinal(vmi);

const stopRequest = (vmi: VirtualMachineInstance): StateChangeRequest => ({
  action: 'Stop',
  ...(vmi.metadata?.uid ? { uid: vmi.metadata.uid } : {}),
});
const ended = (vmi: VirtualMachineInstance | undefined) => (vmi && isFinal(vmi) ? vmi : undefined);
/** What has to go before another may start. */
const clearance = (vmi: VirtualMachineInstance | undefined): StateChangeRequest[] => (vmi ? [stopRequest(vmi)] : []);
const startRequest = (paused: boolean): StateChangeRequest => ({
  action: 'Start',
  ...(paused ? { data: { paused: 'true' } } : {}),
});

const startIsQueued = (vm: VirtualMachine): boolean =>
  (vm.status?.stateChangeRequests ?? []).some(({ action }) => action === 'Start');

/** The VMI is on its way out, whoever wanted that: what is asked now is meant for what comes after it. */
const isGoing = (vm: VirtualMachine, vmi: VirtualMachineInstance | undefined): vmi is VirtualMachineInstance => {
  if (!isLive(vmi)) return false;
  const [head] = vm.status?.stateChangeRequests ?? [];
  const isAsked = head?.action === 'Stop' && head.uid !== undefined && head.uid === vmi.metadata?.uid;
  return isDeleting(vmi) || isAsked || effectiveRunStrategy(vm.spec) === 'Halted';
};

/** It goes, and another follows it. */
const isRestarting = (vm: VirtualMachine, vmi: VirtualMachineInstance | undefined): boolean => {
  const strategy = effectiveRunStrategy(vm.spec);
  return isGoing(vm, vmi) && (strategy === 'Always' || (strategy !== 'Halted' && startIsQueued(vm)));
};

/** Makes these the VM's list of requests (docs/reference/control.md §4.1): what was in it is decided on before. */
const setRequests = (vm: VirtualMachine, requests: readonly StateChangeRequest[]): StateChange => {
  const path = '/status/stateChangeRequests';
  const current = vm.status?.stateChangeRequests;
  const clearFailure: PatchOperation[] = vm.status?.startFailure
    ? [{ op: 'remove', path: '/status/startFailure' }]
    : [];
  if (vm.status === undefined) {
    return {
      target: 'vm/status',
      operations: [
        // The controller may have written the first status since the read; an add alone would replace it.
        { op: 'test', path: '/status', value: null },
        { op: 'add', path: '/status', value: { stateChangeRequests: requests } },
      ],
    };
  }
  // A test of an absent member passes only as null in the API server's JSON patch, hence the null.
  const operations: PatchOperation[] = [
    { op: 'test', path, value: current ?? null },
    { op: current ? 'replace' : 'add', path, value: requests },
    ...clearFailure,
  ];
  return { target: 'vm/status', operations };
};

/** Changes the run strategy in whichever of the two fields the VM uses. */
const changeRunStrategy = (vm: VirtualMachine, strategy: 'Always' | 'Halted'): StateChange => {
  const { running, runStrategy } = vm.spec;
  const [path, before, after] =
    runStrategy === undefined
      ? ['/spec/running', running ?? null, strategy === 'Always']
      : ['/spec/runStrategy', runStrategy, strategy];
  return {
    target: 'vm',
    operations: [
      { op: 'test', path, value: before },
      { op: before === null ? 'add' : 'replace', path, value: after },
    ],
  };
};

const changeGracePeriod = (vmi: VirtualMachineInstance, seconds: number): StateChange => {
  const path = '/spec/terminationGracePeriodSeconds';
  const before = vmi.spec.terminationGracePeriodSeconds;
  const op = before === undefined ? 'add' : 'replace';
  return {
    target: 'vmi',
    operations: [
      { op: 'test', path, value: before ?? null },
      { op, path, value: seconds },
    ],
    undo: [before === undefined ? { op: 'remove', path } : { op: 'replace', path, value: before }],
  };
};

/** Why a VM that has an instance need not be started. */
const isUnderWay = ({ status }: VirtualMachine, phase: string): string =>
  phase === 'Running'
    ? 'VM is already running'
    : `VM is starting already (${status?.printableStatus ?? phase}): its conditions say what it waits for, and a restart starts it again`;

/**
 * @throws StatusError 409 where the run strategy or the VMI's phase does not allow it (docs/reference/control.md §4.2)
 */
export const decideStart = (
  vm: VirtualMachine,
  vmi: VirtualMachineInstance | undefined,
  options: { readonly paused?: boolean },
): StateChange[] => {
  const phase = vmi?.status?.phase;
  if (isRestarting(vm, vmi)) throw refuse(vm, 'VM is being restarted already: it starts by itself');
  const going = isGoing(vm, vmi) ? vmi : undefined;
  if (isLive(vmi) && !going && phase && phase !== 'Unknown') throw refuse(vm, isUnderWay(vm, phase));
  if (isTrue(vm.status?.conditions, 'ManualRecoveryRequired')) {
    throw refuse(
      vm,
      'VM recovery required: a volume migration failed; point the volumes back at their old claims first',
    );
  }
  const paused = options.paused ?? false;
  const strategy = effectiveRunStrategy(vm.spec);
  const tryNow = endBackOff(vm, vmi);
  if (tryNow !== undefined) return paused ? [setRequests(vm, [startRequest(true)])] : tryNow;
  if (!isLive(vmi) && startIsQueued(vm)) throw refuse(vm, 'VM is starting already');
  switch (strategy) {
    case 'Halted':
      if (paused) return [setRequests(vm, [...clearance(vmi), startRequest(true)])];
      // What was told to stop stops first, though the controller may not have come to it.
      return [...(going ? [setRequests(vm, clearance(going))] : []), changeRunStrategy(vm, 'Always')];
    case 'RerunOnFailure':
      if (phase === 'Failed') throw refuse(vm, 'RerunOnFailure does not support starting VM from failed state');
      return [setRequests(vm, [...clearance(going ?? ended(vmi)), startRequest(paused)])];
    case 'Manual':
      return [setRequests(vm, [...clearance(going ?? ended(vmi)), startRequest(paused)])];
    default:
      throw refuse(vm, `${strategy} does not support manual start requests`);
  }
};

/** The last wish counts: a start that nothing has come of is taken back. */
const cancelStart = (vm: VirtualMachine, vmi: VirtualMachineInstance | undefined): StateChange => ({
  ...setRequests(vm, isLive(vmi) ? [stopRequest(vmi)] : []),
  cancelsStart: true,
});

/**
 * @throws StatusError 409 where there is nothing to stop, 400 for a bad grace period (docs/reference/control.md §4.3)
 */
export const decideStop = (
  vm: VirtualMachine,
  vmi: VirtualMachineInstance | undefined,
  options: { readonly gracePeriod?: number },
): StateChange[] => {
  const { gracePeriod } = options;
  if (gracePeriod !== undefined && gracePeriod < 0) {
    throw badRequest(`gracePeriod is ${gracePeriod}; send 0 seconds or more`);
  }
  const before = vmi === undefined ? DEFAULT_GRACE_PERIOD_SECONDS : gracePeriodOf(vmi);
  const shorten = gracePeriod !== undefined && isLive(vmi) ? [changeGracePeriod(vmi, gracePeriod)] : [];
  switch (effectiveRunStrategy(vm.spec)) {
    case 'Halted':
      if (startIsQueued(vm)) return [...shorten, cancelStart(vm, vmi)];
      if (!isLive(vmi)) throw refuse(vm, 'VM is not running');
      if (gracePeriod === undefined || gracePeriod >= before) {
        throw refuse(vm, 'Halted only supports manual stop requests with a shorter graceperiod');
      }
      return [...shorten, setRequests(vm, [stopRequest(vmi)])];
    case 'Manual':
    case 'RerunOnFailure':
      if (!isLive(vmi) && startIsQueued(vm)) return [cancelStart(vm, vmi)];
      if (!isLive(vmi)) throw refuse(vm, 'VM is not running');
      return [...shorten, setRequests(vm, [stopRequest(vmi)])];
    default: {
      const restart = startIsQueued(vm) ? [setRequests(vm, clearance(vmi))] : [];
      return [...shorten, ...restart, changeRunStrategy(vm, 'Halted')];
    }
  }
};

/**
 * @throws StatusError 400 for a grace period other than 0, 409 where there is nothing to restart
 * (docs/reference/control.md §4.4)
 */
export const decideRestart = (
  vm: VirtualMachine,
  vmi: VirtualMachineInstance | undefined,
  options: { readonly gracePeriodSeconds?: number },
): StateChange[] => {
  const strategy = effectiveRunStrategy(vm.spec);
  if (strategy === 'Halted' || strategy === 'Once') {
    throw refuse(vm, `RunStrategy ${strategy} does not support manual restart requests`);
  }
  const tryNow = endBackOff(vm, vmi);
  if (tryNow !== undefined) return tryNow;
  if (vmi === undefined) throw refuse(vm, 'VM is not running');
  const force = options.gracePeriodSeconds === 0 && isLive(vmi) ? [changeGracePeriod(vmi, FORCED_GRACE_SECONDS)] : [];
  // Who is tired of waiting for the guest may still cut it short.
  if (isRestarting(vm, vmi) && force.length > 0) return force;
  if (isRestarting(vm, vmi)) throw refuse(vm, 'VM is being restarted already');
  return [...force, setRequests(vm, [stopRequest(vmi), startRequest(false)])];
};

/** Checked before the VM is looked up, as the reference does. @throws StatusError 400 */
export const checkRestartOptions = (options: { readonly gracePeriodSeconds?: number }): void => {
  const seconds = options.gracePeriodSeconds ?? 0;
  if (seconds > 0) {
    throw badRequest(`gracePeriodSeconds is ${seconds}; a forced restart takes only 0, a graceful one leaves it out`);
  }
  if (seconds < 0) throw badRequest(`gracePeriodSeconds is ${seconds}; send 0 or leave it out`);
};

/**
 * The shortest grace period that still lets the agent flush a disk before the kill (docs/reference/control.md §4.4).
 */
const FORCED_GRACE_SECONDS = 1;
