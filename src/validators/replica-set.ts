import type { LabelSelector, LabelSelectorRequirement } from '../api/schema/meta.js';
import { childPath } from '../api/cause.js';
import { isLabelValue, isQualifiedName, KEY_REMEDY, VALUE_REMEDY } from './names.js';
import { invalid, required, show, type Finding, type ReplicaSetSubject, type Rule } from './rule.js';

const OPERATORS = ['In', 'NotIn', 'Exists', 'DoesNotExist'];

type Labels = Readonly<Record<string, string>>;

/** Own members only: a key may be called "toString". */
const labelOf = (labels: Labels, key: string): string | undefined =>
  Object.hasOwn(labels, key) ? labels[key] : undefined;

const holds = ({ key, operator, values = [] }: LabelSelectorRequirement, labels: Labels): boolean => {
  const value = labelOf(labels, key);
  if (operator === 'Exists') return value !== undefined;
  if (operator === 'DoesNotExist') return value === undefined;
  if (operator === 'In') return value !== undefined && values.includes(value);
  return value === undefined || !values.includes(value);
};

/** Whether the selector picks an object with these labels; an empty selector picks every object. */
export const selects = (selector: LabelSelector, labels: Labels): boolean =>
  Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labelOf(labels, key) === value) &&
  (selector.matchExpressions ?? []).every((requirement) => holds(requirement, labels));

const SELECTOR = 'spec.selector';

const keyFindings = (key: string, field: string): Finding[] =>
  isQualifiedName(key) ? [] : [invalid(field, `${show(key)} cannot be the key of a label: ${KEY_REMEDY}`)];

const valueFindings = (value: string, field: string): Finding[] =>
  isLabelValue(value) ? [] : [invalid(field, `${show(value)} cannot be the value of a label: ${VALUE_REMEDY}`)];

const operatorFindings = ({ operator, values = [] }: LabelSelectorRequirement, field: string): Finding[] => {
  if (!OPERATORS.includes(operator))
    return [invalid(`${field}.operator`, `${show(operator)} is no operator: write one of ${OPERATORS.join(', ')}`)];
  const needsValues = operator === 'In' || operator === 'NotIn';
  if (needsValues === values.length > 0) return [];
  const problem = needsValues ? 'needs values: write at least one' : 'has no values: remove them';
  return [invalid(`${field}.values`, `operator ${operator} ${problem}`)];
};

/** What no selector may hold; the API server does not look into selectors of custom resources. */
const problems = (selector: LabelSelector): Finding[] => [
  ...Object.entries(selector.matchLabels ?? {}).flatMap(([key, value]) => {
    const field = childPath(`${SELECTOR}.matchLabels`, key);
    return [...keyFindings(key, field), ...valueFindings(value, field)];
  }),
  ...(selector.matchExpressions ?? []).flatMap((requirement, i) => {
    const field = `${SELECTOR}.matchExpressions[${i}]`;
    return [
      ...keyFindings(requirement.key, `${field}.key`),
      ...operatorFindings(requirement, field),
      ...(requirement.values ?? []).flatMap((value, j) => valueFindings(value, `${field}.values[${j}]`)),
    ];
  }),
];

const base = { kinds: ['VirtualMachineInstanceReplicaSet'], since: '0.1' } as const;

export const replicaSetRules: readonly Rule<ReplicaSetSubject>[] = [
  {
    ...base,
    id: 'rs.template',
    field: 'spec.template.spec',
    source: 'spec/admission.md §11.1',
    summary: 'a template without a spec',
    check: ({ replicaSet }) =>
      replicaSet.spec.template.spec
        ? []
        : [required('spec.template.spec', 'the template has no spec: write the VM here (domain, volumes …)')],
  },
  {
    ...base,
    id: 'rs.replicas',
    field: 'spec.replicas',
    source: 'none: the reference accepts it',
    summary: 'a negative number of replicas',
    check: ({ replicaSet: { spec } }) =>
      (spec.replicas ?? 0) < 0 ? [invalid('spec.replicas', `${spec.replicas ?? 0} is negative: write 0 or more`)] : [],
  },
  {
    ...base,
    id: 'rs.selector-invalid',
    field: 'spec.selector',
    source: 'spec/admission.md §11.1',
    summary: 'a selector that cannot be understood',
    check: ({ replicaSet }) => problems(replicaSet.spec.selector),
  },
  {
    ...base,
    id: 'rs.selector-mismatch',
    field: 'spec.selector',
    source: 'spec/admission.md §11.1',
    summary: "a selector that does not select the template's own labels",
    check: ({ replicaSet: { spec } }) => {
      const labels = spec.template.metadata?.labels ?? {};
      if (problems(spec.selector).length > 0 || selects(spec.selector, labels)) return [];
      return [
        invalid(
          'spec.selector',
          `does not select the template's labels ${show(labels)}: write the same labels in both`,
        ),
      ];
    },
  },
];
