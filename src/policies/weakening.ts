import { describeValue } from '../api/schema-check/describe-value.js';
import { errorsBySchema } from '../api/schema-check/check-schema.js';
import type { SchemaNode } from '../api/schema-check/schema-node.js';
import { POLICY_KINDS, VirtualMachineClusterPolicy, type PolicySpec } from '../api/schema/policies.js';
import { isMilder, milder, type PolicyAction } from './action.js';
import { actionWeakenings, type Weakening } from './action-weakening.js';
import { builtinWeakenings, looseningWeakenings } from './builtin-weakening.js';
import { canonical } from './canonical.js';
import { exceptionRulesOf } from './exception-rules.js';
import { withoutNotYet } from './not-yet.js';

/*
 * Whether a change lets pass what was refused or told before: for that the verb `weaken` is asked. What cannot be shown
 * to be as strict counts as weaker, so that nobody loosens a policy by an edit that is too clever for this comparison.
 */

const weaker = (field: string, text: string): Weakening => ({ field, text });

/** Kubernetes' lists are absent or empty, selectors likewise; sets have no order. */
const matchText = ({ match = {} }: PolicySpec): string => {
  const { kinds = POLICY_KINDS, operations = ['CREATE', 'UPDATE'], ...others } = match;
  const sets = Object.entries(others).map(([key, value]) => [
    key,
    Array.isArray(value) ? value.map(canonical).toSorted() : value,
  ]);
  return canonical({
    ...Object.fromEntries(sets),
    kinds: [...kinds].toSorted(),
    operations: [...operations].toSorted(),
  });
};

const expressionsOf = (list: readonly { readonly expression: string }[] = []): string =>
  canonical(list.map(({ expression }) => expression).toSorted());

type Validation = PolicySpec['validations'][number];

/** Never above the policy's: without one of its own a validation does what the policy does. */
const ownAction = ({ action }: Validation): PolicyAction => action ?? 'Enforce';

const validationWeakenings = (before: PolicySpec, after: PolicySpec): Weakening[] =>
  before.validations.flatMap((old, i): Weakening[] => {
    // It never did anything.
    if (ownAction(old) === 'Off') return [];
    const at = after.validations.findIndex(({ name }) => name === old.name);
    const next = after.validations[at];
    if (next === undefined) return [weaker(`spec.validations[${i}]`, `no longer has ${describeValue(old.name)}`)];
    const path = `spec.validations[${at}]`;
    return [
      ...(next.expression === old.expression ? [] : [weaker(`${path}.expression`, 'is another')]),
      ...(isMilder(ownAction(next), ownAction(old))
        ? [weaker(`${path}.action`, `is ${ownAction(next)} and was ${old.action ?? "the policy's"}`)]
        : []),
    ];
  });

const variableWeakenings = (before: PolicySpec, after: PolicySpec): Weakening[] =>
  (before.variables ?? []).flatMap(({ name, expression }) => {
    const at = (after.variables ?? []).findIndex((one) => one.name === name);
    // What is gone is used by nothing that stayed as it was, or that would not compile.
    const next = after.variables?.[at];
    return next === undefined || next.expression === expression
      ? []
      : [weaker(`spec.variables[${at}].expression`, 'is another')];
  });

const exceptionWeakenings = (before: PolicySpec, after: PolicySpec): Weakening[] => {
  const [old, next] = [exceptionRulesOf(before), exceptionRulesOf(after)];
  if (!next.allowed) return [];
  if (!old.allowed) return [weaker('spec.exceptions.allowed', 'lets exceptions be made')];
  return [
    ...(next.maxDurationMs > old.maxDurationMs
      ? [weaker('spec.exceptions.maxDuration', `is ${next.maxDuration} and was ${old.maxDuration}`)]
      : []),
    ...(old.ticketPattern === undefined || old.ticketPattern === next.ticketPattern
      ? []
      : [weaker('spec.exceptions.ticketPattern', 'is another')]),
  ];
};

/** Whether it ever does anything, whatever the namespace and the time. */
const isInForce = ({ action, actionOverrides = [], rollout = [], validations, builtin = [] }: PolicySpec): boolean =>
  (builtin.length > 0 &&
    [{ action }, ...actionOverrides, ...rollout].some((one) => one.action === 'Enforce' || one.action === 'Warn')) ||
  validations.some(
    (validation) =>
      ownAction(validation) !== 'Off' &&
      [{ action }, ...actionOverrides, ...rollout].some((one) => milder(one.action, ownAction(validation)) !== 'Off'),
  );

/** A spec that can be compared; undefined for what no schema of ours has admitted. */
const readable = (object: unknown): PolicySpec | undefined => {
  const { object: known } = withoutNotYet(object);
  if (errorsBySchema(VirtualMachineClusterPolicy as unknown as SchemaNode, known).length > 0) return undefined;
  return (known as { spec: PolicySpec }).spec;
};

const specOf = (object: unknown): unknown =>
  typeof object === 'object' && object !== null ? (object as { spec?: unknown }).spec : undefined;

/** What the deletion of a policy lets go. */
export const deletionWeakenings = (object: unknown): readonly Weakening[] => {
  const spec = readable(object);
  return spec !== undefined && !isInForce(spec) ? [] : [weaker('spec', 'goes with the policy')];
};

/** What a new policy lets go of the product's own rules. */
export const creationWeakenings = (object: unknown): readonly Weakening[] => {
  const spec = readable(object);
  return spec === undefined ? [] : looseningWeakenings(undefined, spec);
};

/** What a change of a policy lets go; both are whole objects. */
export const weakeningsOf = (before: unknown, after: unknown, now: number): readonly Weakening[] => {
  if (canonical(specOf(before)) === canonical(specOf(after))) return [];
  const [old, next] = [readable(before), readable(after)];
  if (old === undefined || next === undefined) return [weaker('spec', 'is another, and what it was cannot be read')];
  const loosened = looseningWeakenings(old, next);
  if (!isInForce(old)) return loosened;
  return [
    ...actionWeakenings(old, next, now),
    ...((old.existing ?? 'Ratchet') === 'Enforce' && next.existing !== 'Enforce'
      ? [weaker('spec.existing', 'is Ratchet and was Enforce')]
      : []),
    ...((old.failurePolicy ?? 'Fail') === 'Fail' && next.failurePolicy === 'Ignore'
      ? [weaker('spec.failurePolicy', 'is Ignore and was Fail')]
      : []),
    ...(matchText(old) === matchText(next) ? [] : [weaker('spec.match', 'is another')]),
    ...(expressionsOf(old.matchConditions) === expressionsOf(next.matchConditions)
      ? []
      : [weaker('spec.matchConditions', 'are others')]),
    ...(canonical(old.params) === canonical(next.params) ? [] : [weaker('spec.params', 'are others')]),
    ...variableWeakenings(old, next),
    ...validationWeakenings(old, next),
    ...exceptionWeakenings(old, next),
    ...builtinWeakenings(old, next),
    ...loosened,
  ];
};
