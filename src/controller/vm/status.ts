import { findCondition, isTrue, saysTheSame, withCondition, withoutCondition } from '../../api/vmi/condition.js';
import type { Condition } from '../../api/vmi/condition.js';
import { isDeleting, isFinal, phaseOf } from '../../api/vmi/phase.js';
import { repeatsStarts, type RunStrategy } from '../../api/vmi/run-strategy.js';
import type { VirtualMachine, VirtualMachineInstance } from '../../api/schema/kinds.js';
import type { VirtualMachineStateChangeRequest, VirtualMachineStatus } from '../../api/schema/virtualmachine.js';
import type { VirtualMachineStartFailure, VirtualMachineTermination } from '../../api/schema/virtualmachine.js';
import type { ClusterConfig } from '../../api/settings/cluster-config.js';
import { GUEST_NOT_RUNNING } from '../vmi/conditions.js';
import { startedGeneration } from './instance.js';
import { terminationFailure } from './last-termination.js';
import { restartRequired } from './restart-required.js';
import { waitingStatus } from './waiting-status.js';

export interface VmStatusInput {
  vm: VirtualMachine;
  /** The VMI as it is after this pass's own create or delete. */
  vmi: VirtualMachineInstance | undefined;
  strategy: RunStrategy;
  requests: readonly VirtualMachineStateChangeRequest[];
  startFailure: VirtualMachineStartFailure | undefined;
  lastTermination?: VirtualMachineTermination | undefined;
  /** Of the DataVolumes that its templates describe. */
  storage?: 'DataVolumeError' | 'Provisioning' | 'WaitingForVolumeBinding' | undefined;
  /** What went wrong in this pass. */
  failure: { reason: string; message: string } | undefined;
  /** A start is due and nothing but time is missing. */
  startPending: boolean;
  /** The cluster's settings: they decide what a template means. */
  config: ClusterConfig;
  now: string;
}

/** Conditions of the VM's own; the others are the VMI's. */
const OWN_CONDITIONS = ['Ready', 'Failure', 'RestartRequired', 'ManualRecoveryRequired'];

/** The whole status; fields that this controller does not know stay as they are. */
export const vmStatus = (input: VmStatusInput): VirtualMachineStatus => {
  const { vm, vmi, strategy, requests, startFailure } = input;
  const restart = restartRequired(vm, vmi, input.config);
  const recorded = vmi || vm.status?.runStrategy !== undefined ? strategy : undefined;
  return {
    ...vm.status,
    conditions: vmConditions(input, restart),
    created: vmi !== undefined,
    ready: isTrue(vmi?.status?.conditions, 'Ready'),
    printableStatus: printableStatus(input),
    runStrategy: recorded,
    stateChangeRequests: requests.length > 0 ? [...requests] : undefined,
    startFailure,
    lastTermination: input.lastTermination,
    desiredGeneration: vm.metadata?.generation,
    observedGeneration: observedGeneration(vm, vmi, restart),
  };
};

/**
 * The VMI is about to change by our own hand: it runs, and its Ready condition does not know yet. Waiting for that
 * saves a write of the VM's status.
 */
export const vmiIsSettling = (vmi: VirtualMachineInstance | undefined): boolean =>
  vmi !== undefined &&
  phaseOf(vmi) === 'Running' &&
  !isDeleting(vmi) &&
  findCondition(vmi.status?.conditions, 'Ready')?.reason === GUEST_NOT_RUNNING.reason;

/**
 * `status.printableStatus`, first match wins (docs/reference/domain.md §9.11). Cases of migration are not reachable
 * yet.
 */
export const printableStatus = (input: Omit<VmStatusInput, 'requests' | 'failure' | 'now' | 'config'>): string => {
  const { vm, vmi, strategy, startFailure, startPending, storage } = input;
  if (isDeleting(vm)) return 'Terminating';
  const conditions = vmi?.status?.conditions;
  const phase = vmi && phaseOf(vmi);
  const live = vmi !== undefined && !isFinal(vmi);
  if (live && isDeleting(vmi)) return 'Stopping';
  if (phase === 'Running') return isTrue(conditions, 'Paused') ? 'Paused' : 'Running';
  const synchronized = findCondition(conditions, 'Synchronized');
  const trouble = live && synchronized?.status === 'False' ? synchronized.reason : undefined;
  if (trouble === 'FailedPvcNotFound') return 'ErrorPvcNotFound';
  if (storage === 'DataVolumeError') return storage;
  const waiting = live ? waitingStatus(vmi) : undefined;
  // The scheduler says only that a claim is not bound.
  if (waiting === 'WaitingForVolumeBinding' || waiting === 'ErrorStorageClassNotFound') return waiting;
  const scheduled = findCondition(conditions, 'PodScheduled');
  if (live && scheduled?.status === 'False' && scheduled.reason === 'Unschedulable') return 'ErrorUnschedulable';
  if (storage === 'Provisioning' || (storage !== undefined && (live || startPending))) return storage;
  if (waiting !== undefined) return waiting;
  if (live) return 'Starting';
  const failing = (startFailure?.consecutiveFailCount ?? 0) > 0;
  if (failing && repeatsStarts(strategy)) return 'CrashLoopBackOff';
  // A VMI that ended while its strategy wants another one is between two runs.
  return startPending && !vmi ? 'Starting' : 'Stopped';
};

const vmConditions = (input: VmStatusInput, restart: string | undefined): Condition[] => {
  const { vm, vmi, now } = input;
  const live = vmi !== undefined && !isFinal(vmi);
  const failure =
    input.failure ?? (live ? undefined : terminationFailure(vm, input.lastTermination, input.startFailure));
  const mirrored = (vmi?.status?.conditions ?? []).filter(({ type }) => !OWN_CONDITIONS.includes(type));
  const before = vm.status?.conditions ?? [];
  let list: Condition[] = before.filter(
    ({ type }) => OWN_CONDITIONS.includes(type) || mirrored.some((condition) => condition.type === type),
  );
  list = withCondition(list, readyCondition(vmi), now);
  for (const condition of mirrored) list = mirror(list, condition);
  list = failure
    ? withCondition(list, { type: 'Failure', status: 'True', ...failure }, now)
    : withoutCondition(list, 'Failure');
  return restart === undefined
    ? withoutCondition(list, 'RestartRequired')
    : withCondition(
        list,
        { type: 'RestartRequired', status: 'True', reason: 'RestartRequired', message: restart },
        now,
      );
};

const readyCondition = (vmi: VirtualMachineInstance | undefined): Parameters<typeof withCondition>[1] => {
  if (!vmi) return { type: 'Ready', status: 'False', reason: 'VMINotExists', message: 'VMI does not exist' };
  const ready = findCondition(vmi.status?.conditions, 'Ready');
  if (ready) {
    const status = ready.status === 'True' ? 'True' : ready.status === 'False' ? 'False' : 'Unknown';
    return { type: 'Ready', status, reason: ready.reason, message: ready.message };
  }
  // Before the VMI controller has examined it, what it will report is known.
  if (!isFinal(vmi) && phaseOf(vmi) !== 'Running') return { type: 'Ready', status: 'False', ...GUEST_NOT_RUNNING };
  const message = 'VMI is missing the Ready condition';
  return { type: 'Ready', status: 'False', reason: 'VMIConditionMissing', message };
};

/** As it is, times included, but without a change when only the times differ. */
const mirror = (list: Condition[], condition: Condition): Condition[] => {
  const index = list.findIndex(({ type }) => type === condition.type);
  const old = list[index];
  if (!old) return [...list, condition];
  return saysTheSame(old, condition) ? list : list.with(index, condition);
};

const observedGeneration = (
  vm: VirtualMachine,
  vmi: VirtualMachineInstance | undefined,
  restart: string | undefined,
): number | undefined => {
  if (vmi === undefined || restart === undefined) return vm.metadata?.generation;
  return startedGeneration(vmi) ?? vm.status?.observedGeneration;
};
