import type { VirtualMachine, VirtualMachineInstance } from '../../api/schema/kinds.js';
import { isTrue } from '../../api/vmi/condition.js';
import { DEFAULT_GRACE_PERIOD_SECONDS, gracePeriod as gracePeriodOf } from '../../api/vmi/grace-period.js';
import { isFinal } from '../../api/vmi/phase.js';
import { effectiveRunStrategy } from '../../api/vmi/run-strategy.js';
import { endBackOff } from './try-now.js';
import { conflict, internalError, badRequest } from '../../agent-api/status-error.js';

/*
 * start, stop and restart as pure decisions: a VM, its VMI and the caller's options in, JSON patches out
 * (docs/reference/control.md §4). Each patch tests what it was decided on, so two callers at once cannot both win.
 */

export interface PatchOperation {
  readonly op: 'add' | 'replace' | 'remove' | 'test';
  readonly path: string;
  readonly value?: unknown;
}

/** Patches in the order in which they must be sent. `vm` is its spec, `vm/status` its status subresource. */
export interface StateChange {
  readonly target: 'vm' | 'vm/status' | 'vmi';
  readonly operations: readonly PatchOperation[];
  /** Sent when a later patch of the same request fails, so that nothing half done stays. */
  readonly undo?: readonly PatchOperation[];
}

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
const startRequest = (paused: boolean): StateChangeRequest => ({
  action: 'Start',
  ...(paused ? { data: { paused: 'true' } } : {}),
});

/** Puts requests on the VM's list (docs/reference/control.md §4.1). */
const addRequests = (vm: VirtualMachine, requests: readonly StateChangeRequest[]): StateChange => {
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
  const [only, ...others] = requests;
  if (current && current.length > 0 && (only?.action !== 'Stop' || others.length > 0)) {
    throw internalError('unable to complete request: stop/start already underway');
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

/**
 * @throws StatusError 409 where the run strategy or the VMI's phase does not allow it (docs/reference/control.md §4.2)
 */
export const decideStart = (
  vm: VirtualMachine,
  vmi: VirtualMachineInstance | undefined,
  options: { readonly paused?: boolean },
): StateChange[] => {
  const phase = vmi?.status?.phase;
  if (isLive(vmi) && phase && phase !== 'Unknown') throw refuse(vm, 'VM is already running');
  if (isTrue(vm.status?.conditions, 'ManualRecoveryRequired')) {
    throw refuse(
      vm,
      'VM recovery required: a volume migration failed; point the volumes back at their old claims first',
    );
  }
  const paused = options.paused ?? false;
  const strategy = effectiveRunStrategy(vm.spec);
  const tryNow = endBackOff(vm, vmi);
  if (tryNow !== undefined) return paused ? [addRequests(vm, [startRequest(true)])] : tryNow;
  switch (strategy) {
    case 'Halted':
      return [paused ? addRequests(vm, [startRequest(true)]) : changeRunStrategy(vm, 'Always')];
    case 'RerunOnFailure':
      if (phase === 'Failed') throw refuse(vm, 'RerunOnFailure does not support starting VM from failed state');
      return [addRequests(vm, vmi && isFinal(vmi) ? [stopRequest(vmi), startRequest(paused)] : [startRequest(paused)])];
    case 'Manual':
      return [addRequests(vm, vmi && isFinal(vmi) ? [stopRequest(vmi), startRequest(paused)] : [startRequest(paused)])];
    default:
      throw refuse(vm, `${strategy} does not support manual start requests`);
  }
};

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
      if (!isLive(vmi)) throw refuse(vm, 'VM is not running');
      if (gracePeriod === undefined || gracePeriod >= before) {
        throw refuse(vm, 'Halted only supports manual stop requests with a shorter graceperiod');
      }
      return [...shorten, addRequests(vm, [stopRequest(vmi)])];
    case 'Manual':
    case 'RerunOnFailure':
      if (!isLive(vmi)) throw refuse(vm, 'VM is not running');
      return [...shorten, addRequests(vm, [stopRequest(vmi)])];
    default:
      return [...shorten, changeRunStrategy(vm, 'Halted')];
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
  return [...force, addRequests(vm, [stopRequest(vmi), startRequest(false)])];
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
