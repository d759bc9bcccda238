import type { Cause } from '../api/cause.js';
import type { PolicyAction } from './action.js';
import type { CompiledPolicy } from './compile-policy.js';

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

/** An entry of a policy about a rule or a warning of the product, and what it meets with in an object. */
export interface BuiltinDecision {
  readonly policy: CompiledPolicy;
  /** Of the rule or warning. */
  readonly id: string;
  readonly isRule: boolean;
  readonly action: PolicyAction;
  /** What the product says; undefined: nobody looked, because the object is refused for something else. */
  readonly remarks: readonly Remark[] | undefined;
}
