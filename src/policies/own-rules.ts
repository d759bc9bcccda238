import type { Cause } from '../api/cause.js';

export interface Remark {
  /** True JSON path. */
  readonly field: string;
  readonly message: string;
}

/** What the product itself says of an object. */
export interface OwnRules {
  /** Why it refuses it. */
  readonly causes: readonly Cause[];
  /** What a warning says of it, whether or not it is told. */
  readonly remarks: (warning: string) => readonly Remark[];
  /** Likewise of the stored object; nothing where there is none. */
  readonly storedRemarks: (warning: string) => readonly Remark[];
}
