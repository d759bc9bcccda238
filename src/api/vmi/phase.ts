import type { VirtualMachineInstance } from '../schema/kinds.js';
import type { VirtualMachineInstanceStatus } from '../schema/virtualmachineinstance-status.js';

/** Phases of a VMI (docs/reference/domain.md §9.1). */
export type Phase = 'Pending' | 'Scheduling' | 'Scheduled' | 'Running' | FinalPhase;
export type FinalPhase = 'Succeeded' | 'Failed';

/** As far as phases are read: a VMI, or a pod, whose last two phases mean the same. */
interface WithPhase {
  readonly status?: { readonly phase?: string };
}

/** The phase in force; unset is Pending: the webhook writes Pending, and nothing has happened without it. */
export const phaseOf = ({ status }: WithPhase): string => status?.phase || 'Pending';

/** A VMI, or a pod, has ended for good. */
export const isFinal = (object: WithPhase): boolean => ['Succeeded', 'Failed'].includes(phaseOf(object));

export const isDeleting = (object: { metadata?: { deletionTimestamp?: string } }): boolean =>
  object.metadata?.deletionTimestamp !== undefined;

/** The agent of a node owns the VMI's life from here on. */
export const isHandedOver = (vmi: VirtualMachineInstance): boolean =>
  (['Scheduled', 'Running'].includes(phaseOf(vmi)) || isFinal(vmi)) && Boolean(vmi.status?.nodeName);

/** When the VMI entered a phase for the last time, as RFC 3339; undefined: never. */
export const phaseTime = (vmi: VirtualMachineInstance, phase: Phase): string | undefined =>
  vmi.status?.phaseTransitionTimestamps?.findLast((entry) => entry.phase === phase)?.phaseTransitionTimestamp;

export const hasBeenRunning = (vmi: VirtualMachineInstance): boolean =>
  phaseOf(vmi) === 'Running' || phaseTime(vmi, 'Running') !== undefined;

/** The status in another phase, with the time of the change. The same phase changes nothing. @param now RFC 3339 */
export const enterPhase = (
  status: VirtualMachineInstanceStatus | undefined,
  phase: Phase,
  now: string,
): VirtualMachineInstanceStatus => {
  if (status?.phase === phase) return status;
  // One time for each: a VMI whose pod is made again and again must not grow.
  const times = (status?.phaseTransitionTimestamps ?? []).filter((entry) => entry.phase !== phase);
  return {
    ...status,
    phase,
    phaseTransitionTimestamps: [...times, { phase, phaseTransitionTimestamp: now }],
  };
};
