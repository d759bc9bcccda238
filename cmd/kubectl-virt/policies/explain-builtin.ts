import { builtinId } from '../../../src/policies/builtin.js';
import type { CompiledPolicy } from '../../../src/policies/compile-policy.js';
import type { PolicyAction } from '../../../src/policies/action.js';
import type { BuiltinDecision, Remark } from '../../../src/policies/own-rules.js';

/*
 * What a policy makes of the product's own rules and warnings for an object, entry by entry: also where there is
 * nothing to decide.
 */

export interface ExplainedBuiltin {
  /** `rule net.no-iface`. */
  readonly what: string;
  /** Of the entry. */
  readonly action: PolicyAction;
  readonly effect: string;
  /** What the product says of the object. */
  readonly says: readonly Remark[];
}

const OF_RULE: Readonly<Record<PolicyAction, string>> = {
  Enforce: 'refused, as without the policy',
  Warn: 'told as a warning instead of refused',
  Audit: 'recorded instead of refused',
  Off: 'let pass instead of refused',
};

const OF_WARNING: Readonly<Record<PolicyAction, string>> = {
  Enforce: 'refused instead of told',
  Warn: 'told at each apply',
  Audit: 'recorded instead of told',
  Off: 'not told',
};

const effectOf = (decision: BuiltinDecision | undefined, isRule: boolean, action: PolicyAction): string => {
  if (action !== 'Enforce' && action !== 'Warn') return `nothing is decided while the policy's action is ${action}`;
  // Of others: its matchConditions are not true.
  if (decision === undefined) return 'nothing is decided: the policy is not for the object';
  const { remarks } = decision;
  if (remarks === undefined) return 'not looked at, because the object is refused';
  if (remarks.length === 0) return isRule ? 'the object does not break it' : 'the product has nothing to say';
  return (isRule ? OF_RULE : OF_WARNING)[decision.action];
};

/** @param action of the policy now */
export const explainBuiltin = (
  { spec: { builtin = [] } }: CompiledPolicy,
  action: PolicyAction,
  decisions: readonly BuiltinDecision[],
): readonly ExplainedBuiltin[] =>
  builtin.map((entry) => {
    const id = builtinId(entry);
    const isRule = entry.rule !== undefined;
    const decision = decisions.find((one) => one.id === id && one.isRule === isRule);
    return {
      what: `${isRule ? 'rule' : 'warning'} ${id}`,
      action: entry.action,
      effect: effectOf(decision, isRule, action),
      says: decision?.remarks?.map(({ field, message }) => ({ field, message })) ?? [],
    };
  });
