import type { PolicyCause } from '../../policies/compile-policy.js';

/** What is said of a write, and of what it does when it is admitted. */
export interface Judgement {
  readonly causes: readonly PolicyCause[];
  readonly warnings: readonly string[];
  /** Told as Events of the object, and counted, once it is admitted. */
  readonly notices: readonly Notice[];
}

export interface Notice {
  readonly reason: 'Weakened' | 'Paused';
  readonly message: string;
}

export const NOTHING_TO_SAY: Judgement = { causes: [], warnings: [], notices: [] };

export const refusedFor = (causes: readonly PolicyCause[]): Judgement => ({ causes, warnings: [], notices: [] });
