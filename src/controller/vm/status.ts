import { findCondition, saysTheSame, withCondition, withoutCondition } from '../../api/vmi/condition.js';
import type { Condition, ConditionContent } from '../../api/vmi/condition.js';
import { isDeleting, isFinal, phaseOf } from '../../api/vmi/phase.js';
import type { RunStrategy } from '../../api/vmi/run-strategy.js';
import type { VirtualMachine, VirtualMachineInstance } from '../../api/schema/kinds.js';
import type { VirtualMachineStateChangeRequest, VirtualMachineStatus } from '../../api/schema/virtualmachine.js';
import type { VirtualMachineStartFailure, VirtualMachineTermination } from '../../api/schema/virtualmachine.js';
import type { ClusterConfig } from '../../api/settings/cluster-config.js';
import { GUEST_NOT_RUNNING, POD_TERMINATING } from '../vmi/conditions.js';
import { startedGeneration } from './instance.js';
import type { Refs } from './instancetype-revisions.js';
import { terminationFailure } from './last-termination.js';
import { printableStatus } from './printable-status.js';
import { restartRequired } from './restart-required.js';
import { wantsAnother } from './run-strategy-decision.js';

export interface VmStatusInput {
  vm: VirtualMachine;
  /** The VMI as it is after this pass's own create or delete. */
  vmi: VirtualMachineInstance | undefined;
  strategy: RunStrategy;
  requests: readonly VirtualMachineStateChangeRequest[];
  startFailure: VirtualMachineStartFailure | undefined;
  lastTermination?: VirtualMachineTermination | undefined;
  /** Of what it is made. Absent: as the status says already. */
  refs?: Refs;
  /** The VM as its instance type and preference make it. Absent: it names none. */
  expanded?: VirtualMachine;
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
  const restart = restartRequired(input.expanded ?? vm, vmi, input.config);
  const runsAgain = wantsAnother(strategy, vm.status?.runStrategy, requests);
  const ready = readyCondition(vmi);
  const recorded = vmi || vm.status?.runStrategy !== undefined ? strategy : undefined;
  return {
    ...vm.status,
    conditions: vmConditions(input, ready, restart),
    created: vmi !== undefined,
    ready: ready.status === 'True',
    printableStatus: printableStatus({ ...input, runsAgain }),
    runStrategy: recorded,
    stateChangeRequests: requests.length > 0 ? [...requests] : undefined,
    startFailure,
    ...input.refs,
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

const vmConditions = (input: VmStatusInput, ready: ConditionContent, restart: string | undefined): Condition[] => {
  const { vm, vmi, now } = input;
  const live = vmi !== undefined && !isFinal(vmi);
  const failure =
    input.failure ?? (live ? undefined : terminationFailure(vm, input.lastTermination, input.startFailure));
  const mirrored = (vmi?.status?.conditions ?? []).filter(({ type }) => !OWN_CONDITIONS.includes(type));
  const before = vm.status?.conditions ?? [];
  let list: Condition[] = before.filter(
    ({ type }) => OWN_CONDITIONS.includes(type) || mirrored.some((condition) => condition.type === type),
  );
  list = withCondition(list, ready, now);
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

/** The VMI's; but one that has ended, or is to, is not ready, though the VMI controller may have yet to write that. */
const readyCondition = (vmi: VirtualMachineInstance | undefined): ConditionContent => {
  if (!vmi) return { type: 'Ready', status: 'False', reason: 'VMINotExists', message: 'VMI does not exist' };
  const ready = findCondition(vmi.status?.conditions, 'Ready');
  if (ready?.status === 'True' && isFinal(vmi)) return { type: 'Ready', status: 'False', ...GUEST_NOT_RUNNING };
  if (ready?.status === 'True' && isDeleting(vmi)) return { type: 'Ready', status: 'False', ...POD_TERMINATING };
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
