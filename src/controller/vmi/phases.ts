import type { VirtualMachineInstance } from '../../api/schema/kinds.js';
import type { VirtualMachineInstanceStatus } from '../../api/schema/virtualmachineinstance-status.js';

/** Phases of a VMI (spec/domain.md §9.1). */
export type Phase = 'Pending' | 'Scheduling' | 'Scheduled' | 'Running' | 'Succeeded' | 'Failed';

/** The phase in force; unset is Pending: the webhook writes Pending, and nothing has happened without it. */
export const phaseOf = (vmi: VirtualMachineInstance): string => vmi.status?.phase || 'Pending';

export const isFinal = (vmi: VirtualMachineInstance): boolean => ['Succeeded', 'Failed'].includes(phaseOf(vmi));

export const isDeleting = (object: { metadata?: { deletionTimestamp?: string } }): boolean =>
  object.metadata?.deletionTimestamp !== undefined;

/** The agent of a node owns the VMI's life from here on. */
export const isHandedOver = (vmi: VirtualMachineInstance): boolean =>
  ['Scheduled', 'Running', 'Succeeded', 'Failed'].includes(phaseOf(vmi)) && Boolean(vmi.status?.nodeName);

/** When the VMI entered a phase for the last time, as RFC 3339; undefined: never. */
export const phaseTime = (vmi: VirtualMachineInstance, phase: Phase): string | undefined =>
  vmi.status?.phaseTransitionTimestamps?.findLast((entry) => entry.phase === phase)?.phaseTransitionTimestamp;

export const hasBeenRunning = (vmi: VirtualMachineInstance): boolean =>
  phaseOf(vmi) === 'Running' || phaseTime(vmi, 'Running') !== undefined;

/** The status in another phase, with the time of the change. */
export const enterPhase = (
  status: VirtualMachineInstanceStatus | undefined,
  phase: Phase,
  now: string,
): VirtualMachineInstanceStatus => {
  if (status?.phase === phase) return status;
  const times = status?.phaseTransitionTimestamps ?? [];
  return {
    ...status,
    phase,
    phaseTransitionTimestamps: [...times, { phase, phaseTransitionTimestamp: now }],
  };
};

/** RFC 3339 in whole seconds, as metav1.Time is written. */
export const timestamp = (milliseconds: number): string => `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;
