import type { VirtualMachineSpec } from '../schema/virtualmachine.js';

export const RUN_STRATEGIES = ['Always', 'Halted', 'Manual', 'RerunOnFailure', 'Once'] as const;
export type RunStrategy = (typeof RUN_STRATEGIES)[number];

/**
 * The run strategy in force: `spec.runStrategy`, else what `spec.running` stands for, else Halted
 * (docs/reference/control.md §4.1). Admission refuses a VM that has both fields or another word, so such an object
 * counts as Halted here: nothing starts.
 */
export const effectiveRunStrategy = (spec: Pick<VirtualMachineSpec, 'running' | 'runStrategy'>): RunStrategy => {
  if (spec.runStrategy === undefined) return spec.running === true ? 'Always' : 'Halted';
  if (spec.running !== undefined) return 'Halted';
  return RUN_STRATEGIES.find((strategy) => strategy === spec.runStrategy) ?? 'Halted';
};

/** Strategies under which a VM that never gets to run is started again and again. */
const REPEATING: readonly string[] = ['Always', 'RerunOnFailure', 'Once'] satisfies readonly RunStrategy[];
export const repeatsStarts = (strategy: RunStrategy): boolean => REPEATING.includes(strategy);
