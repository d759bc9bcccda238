import type { Cause } from '../api/cause.js';
import type { PolicyAction } from './action.js';
import type { CompiledPolicy } from './compile-policy.js';
import type { KnownException } from './exceptions.js';
import type { Subject } from './match.js';
import type { BuiltinDecision, OwnRules } from './own-rules.js';

/*
 * What is asked of policies, and what they answer.
 */

export interface VerdictInput {
  readonly subject: Subject;
  readonly object: unknown;
  /** Null where there is none. */
  readonly oldObject: unknown;
  /** As expressions see it. */
  readonly request: unknown;
  readonly namespaceObject: unknown;
  /**
   * The spec of the VMI that an object of the subject's kind is or makes, with its defaults; undefined where it has not
   * the shape of its kind. Called once for an object at most, and only where a policy reads `effective`.
   */
  readonly effective: (object: unknown) => unknown;
  /** In the order in which they are said: of the cluster first, by name. */
  readonly policies: readonly CompiledPolicy[];
  readonly exceptions: readonly KnownException[];
  /** Milliseconds since 1970. */
  readonly now: number;
  /** What the last audit counted of a policy's violations. */
  readonly violations?: (policy: CompiledPolicy) => number | undefined;
  /** The annotation of a pause for all policies, on the KubeVirt object. */
  readonly pausedUntil?: string | undefined;
  /** What the product itself says, for policies that decide about it. Absent: nobody asked. */
  readonly own?: OwnRules | undefined;
  /** Told of each validation that holds. */
  readonly passed?: (policy: CompiledPolicy, validation: string) => void;
  /** Told of each decision about the product's own rules and warnings, whether or not there is anything to decide. */
  readonly met?: (decision: BuiltinDecision) => void;
}

export type Outcome = 'fail' | 'error' | 'excepted' | 'ratcheted';

export interface Finding {
  readonly policy: CompiledPolicy;
  /** The name of the validation; of the condition where that failed. */
  readonly name: string;
  readonly action: PolicyAction;
  readonly outcome: Outcome;
  readonly field: string;
  readonly message: string;
  readonly exception?: string;
}

/** A policy that was for the object. */
export interface Evaluated {
  readonly policy: CompiledPolicy;
  /** What it cost, in Kubernetes' units. */
  readonly units: number;
  /** Whether a budget ended it. */
  readonly isExhausted: boolean;
  /** An error of its own, whatever failurePolicy makes of it. */
  readonly hasFailed: boolean;
}

export interface Verdict {
  /** Why the request is refused; none: it is not. */
  readonly causes: readonly Cause[];
  readonly warnings: readonly string[];
  /** Everything that was found, passes apart. */
  readonly findings: readonly Finding[];
  /** The policies that were asked: those that match, and are not off. */
  readonly evaluated: readonly Evaluated[];
  /** Rules whose causes no longer count, and warnings that the product itself no longer gives. */
  readonly settled: ReadonlySet<string>;
  /** Said with every write while a policy that is for the object is paused; it stands among the warnings too. */
  readonly pause?: { readonly rule: string; readonly message: string } | undefined;
  /** What they want to stand in the API server's audit log. */
  readonly annotations: Readonly<Record<string, string>>;
}

/** Longest id of a rule in a message; names of policies have up to 253 characters. */
const MAX_RULE = 140;

/** `policy/vm-size/vcpus`, or `policy/shop:vm-size/vcpus` of a namespace's. */
export const ruleOf = ({ policy, name }: Pick<Finding, 'policy' | 'name'>): string => {
  const rule = `policy/${policy.namespace === undefined ? '' : `${policy.namespace}:`}${policy.name}/${name}`;
  return rule.length <= MAX_RULE ? rule : `${rule.slice(0, MAX_RULE - 1)}…`;
};
