import type { VirtualMachineInstance } from '../schema/kinds.js';

/** What `spec.terminationGracePeriodSeconds` means when it is absent (docs/reference/domain.md §9.5). */
export const DEFAULT_GRACE_PERIOD_SECONDS = 30;

/** How long a guest has to power off. Seconds. */
export const gracePeriod = ({ spec }: Pick<VirtualMachineInstance, 'spec'>): number =>
  spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE_PERIOD_SECONDS;
