import { shortened, type Cause } from '../api/cause.js';
import type { PolicySpec } from '../api/schema/policies.js';
import { fits } from './match.js';

/*
 * What a policy holds that can have no effect: told to who writes it, not refused.
 */

interface Policy {
  readonly spec: PolicySpec;
  /** Of a policy of a namespace. */
  readonly namespace: string | undefined;
}

const warning = (field: string, text: string): Cause => ({
  type: 'FieldValueInvalid',
  field,
  message: shortened(`${field} ${text}`),
  rule: 'policy.dead',
});

/** Whether every pattern is excluded word for word, or by one that takes more. */
const allExcluded = (patterns: readonly string[] | undefined, excluded: readonly string[] | undefined): boolean =>
  patterns !== undefined &&
  excluded !== undefined &&
  patterns.every((one) => excluded.some((other) => fits(other, one)));

const matchWarnings = ({ spec: { match = {} }, namespace }: Policy): Cause[] => {
  const found: Cause[] = [];
  for (const [name, excluded] of [
    ['names', 'excludeNames'],
    ['namespaces', 'excludeNamespaces'],
  ] as const) {
    if (allExcluded(match[name], match[excluded]))
      found.push(warning(`spec.match.${name}`, `is excluded by ${excluded} altogether, so the policy matches nothing`));
  }
  if (namespace !== undefined && match.namespaces?.some((pattern) => fits(pattern, namespace)) === false) {
    const text = `does not have ${namespace}, the only namespace that this policy is for, so it matches nothing`;
    found.push(warning('spec.match.namespaces', text));
  }
  for (const list of ['objectSelector', 'namespaceSelector'] as const) {
    const { matchLabels = {}, matchExpressions = [] } = match[list] ?? {};
    const against = matchExpressions.find(({ key, operator, values = [] }) => {
      const label = Object.hasOwn(matchLabels, key) ? matchLabels[key] : undefined;
      if (label === undefined) return false;
      return operator === 'DoesNotExist' || ((operator === 'In') !== values.includes(label) && operator !== 'Exists');
    });
    if (against !== undefined)
      found.push(warning(`spec.match.${list}`, `contradicts itself about label ${against.key}, so it matches nothing`));
  }
  return found;
};

/** An expression that names nothing is the same for every object. */
const isConstant = (text: string): boolean =>
  !/\b(?:object|oldObject|request|namespaceObject|effective|params|variables)\b/.test(text);

const constantWarnings = ({ spec }: Policy): Cause[] => [
  ...spec.validations.flatMap(({ expression }, i) =>
    isConstant(expression)
      ? [warning(`spec.validations[${i}].expression`, 'looks at nothing, so it is the same for every object')]
      : [],
  ),
  ...(spec.matchConditions ?? []).flatMap(({ expression }, i) =>
    isConstant(expression)
      ? [warning(`spec.matchConditions[${i}].expression`, 'looks at nothing, so it decides the same for every object')]
      : [],
  ),
];

const actionWarnings = (policy: Policy): Cause[] => [
  ...(policy.spec.rollout ?? []).flatMap(({ maxViolations }, i) =>
    maxViolations === undefined
      ? []
      : [
          warning(
            `spec.rollout[${i}].maxViolations`,
            'waits for an audit, and audits are not made yet: the step does not come until it is taken out',
          ),
        ],
  ),
  ...policy.spec.validations.flatMap(({ action, name }, i) => {
    const { action: own, rollout = [], actionOverrides = [] } = policy.spec;
    const raised = action === 'Enforce' && own !== 'Enforce' && rollout.length + actionOverrides.length === 0;
    const text = `is Enforce, and never above the policy's, ${own}: ${name} acts as ${own}`;
    return raised ? [warning(`spec.validations[${i}].action`, text)] : [];
  }),
];

/** Of a policy that compiles. */
export const deadRules = (policy: Policy): readonly Cause[] => [
  ...matchWarnings(policy),
  ...constantWarnings(policy),
  ...actionWarnings(policy),
];
