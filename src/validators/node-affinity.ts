import type { NodeSelectorRequirement, NodeSelectorTerm } from '../api/schema/core.js';
import { labelKeyFindings, labelValueFindings, valueCountFindings } from './label-selector.js';
import { isDnsSubdomain, SUBDOMAIN_REMEDY } from './names.js';
import { instanceRule, invalid, show, type Finding, type InstanceSubject, type Rule } from './rule.js';

const SOURCE = '§6.5';
const MAX_WEIGHT = 100;
/** The scheduler reads what it compares as a 64-bit number; 18 digits always are one. */
const INTEGER = /^\d{1,18}$/;

/** A weight of a preferred term, of node and pod affinity alike. */
export const weightFindings = (weight: number, field: string): Finding[] =>
  weight >= 1 && weight <= MAX_WEIGHT
    ? []
    : [invalid(field, `${weight} is no weight: write 1 to ${MAX_WEIGHT}, the strongest preference`)];

interface PlacedTerm {
  readonly term: NodeSelectorTerm;
  readonly path: string;
}

/** Every term, in Kubernetes' order: required before preferred. */
const terms = ({ path, spec }: InstanceSubject): readonly PlacedTerm[] => {
  const affinity = spec.affinity?.nodeAffinity;
  if (affinity === undefined) return [];
  const {
    requiredDuringSchedulingIgnoredDuringExecution: required,
    preferredDuringSchedulingIgnoredDuringExecution: preferred = [],
  } = affinity;
  const base = `${path}.affinity.nodeAffinity`;
  const inRequired = `${base}.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms`;
  const inPreferred = `${base}.preferredDuringSchedulingIgnoredDuringExecution`;
  return [
    ...(required?.nodeSelectorTerms ?? []).map((term, i) => ({ term, path: `${inRequired}[${i}]` })),
    ...preferred.map(({ preference }, i) => ({ term: preference, path: `${inPreferred}[${i}].preference` })),
  ];
};

/** A rule on each item of `matchExpressions` or `matchFields`; costs nothing where there is no node affinity. */
const requirementRule =
  (list: 'matchExpressions' | 'matchFields') =>
  (
    id: string,
    field: string,
    summary: string,
    check: (requirement: NodeSelectorRequirement, path: string) => readonly Finding[],
    source = SOURCE,
  ): Rule<InstanceSubject> =>
    instanceRule(id, `$.affinity.nodeAffinity…${list}[]${field}`, source, summary, (subject) =>
      terms(subject).flatMap(({ term, path }) =>
        (term[list] ?? []).flatMap((requirement, i) => check(requirement, `${path}.${list}[${i}]`)),
      ),
    );
const expressionRule = requirementRule('matchExpressions');
const fieldRule = requirementRule('matchFields');

const comparesNumbers = (operator: string): boolean => operator === 'Gt' || operator === 'Lt';

/* An operator that does not exist (aff.expr-op) is the schema's to refuse. */
const expressionRules = [
  expressionRule(
    'aff.expr-in',
    '.values',
    'the operator `In` or `NotIn` without values',
    ({ operator, values = [] }, path) =>
      operator === 'In' || operator === 'NotIn' ? valueCountFindings(operator, values, path) : [],
  ),
  expressionRule(
    'aff.expr-exists',
    '.values',
    'the operator `Exists` or `DoesNotExist` with values',
    ({ operator, values = [] }, path) =>
      operator === 'Exists' || operator === 'DoesNotExist' ? valueCountFindings(operator, values, path) : [],
  ),
  expressionRule(
    'aff.expr-gt',
    '.values',
    'the operator `Gt` or `Lt` without exactly one value',
    ({ operator, values = [] }, path) =>
      !comparesNumbers(operator) || values.length === 1
        ? []
        : [
            invalid(
              `${path}.values`,
              `operator ${operator} compares with one number: write one value, not ${values.length}`,
            ),
          ],
  ),
  expressionRule('aff.expr-key', '.key', 'a key that no label can have', ({ key }, path) =>
    labelKeyFindings(key, `${path}.key`),
  ),
  expressionRule(
    'aff.expr-value',
    '.values[]',
    'a value that no label can have, or that the operator `Gt` or `Lt` cannot compare',
    ({ operator, values = [] }, path) =>
      values.flatMap((value, i) => {
        const field = `${path}.values[${i}]`;
        if (!comparesNumbers(operator)) return labelValueFindings(value, field);
        return INTEGER.test(value)
          ? []
          : [invalid(field, `operator ${operator} compares numbers and ${show(value)} is none: write one such as "8"`)];
      }),
    'none: such a VM would never be scheduled',
  ),
];

/** Nodes have one field to select by. */
const NODE_FIELD = 'metadata.name';

const fieldRules = [
  fieldRule(
    'aff.field-in',
    '.values',
    'a field compared with no value, or with several',
    ({ operator, values = [] }, path) =>
      !['In', 'NotIn'].includes(operator) || values.length === 1
        ? []
        : [invalid(`${path}.values`, `a field is compared with one value: write one, not ${values.length}`)],
  ),
  fieldRule(
    'aff.field-op',
    '.operator',
    'a field compared by operators other than `In` and `NotIn`',
    ({ operator }, path) =>
      // Operators that do not exist at all are the schema's to refuse.
      ['Exists', 'DoesNotExist', 'Gt', 'Lt'].includes(operator)
        ? [invalid(`${path}.operator`, `operator ${operator} does not work on fields: write In or NotIn`)]
        : [],
  ),
  fieldRule('aff.field-key', '.key', `a field other than ${NODE_FIELD}`, ({ key }, path) =>
    key === NODE_FIELD
      ? []
      : [
          invalid(
            `${path}.key`,
            `${show(key)} is no field that nodes are selected by: write ${NODE_FIELD}, or compare a label in matchExpressions`,
          ),
        ],
  ),
  fieldRule('aff.field-value', '.values[]', 'a value that cannot be the name of a node', ({ values = [] }, path) =>
    values.flatMap((value, i) =>
      isDnsSubdomain(value)
        ? []
        : [invalid(`${path}.values[${i}]`, `${show(value)} cannot be the name of a node: ${SUBDOMAIN_REMEDY}`)],
    ),
  ),
];

export const nodeAffinityRules = [
  instanceRule(
    'aff.node-terms',
    '$.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms',
    SOURCE,
    'required node affinity without terms',
    ({ path, spec }) => {
      const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
      return required?.nodeSelectorTerms.length === 0
        ? [
            invalid(
              `${path}.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms`,
              'is empty, which no node fits: write at least one term, or remove requiredDuringSchedulingIgnoredDuringExecution',
            ),
          ]
        : [];
    },
  ),
  instanceRule(
    'aff.node-weight',
    '$.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[].weight',
    SOURCE,
    `a preference of nodes with a weight outside 1 to ${MAX_WEIGHT}`,
    ({ path, spec }) =>
      (spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).flatMap(({ weight }, i) =>
        weightFindings(
          weight,
          `${path}.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[${i}].weight`,
        ),
      ),
  ),
  ...expressionRules,
  ...fieldRules,
];
