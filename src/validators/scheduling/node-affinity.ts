import type { NodeSelectorRequirement, NodeSelectorTerm } from '../../api/schema/core.js';
import { labelKeyFindings, labelValueFindings, valueCountFindings } from '../rule/label-selector.js';
import { isDnsSubdomain, SUBDOMAIN_REMEDY } from '../rule/names.js';
import {
  both,
  inEach,
  instanceRule,
  invalid,
  NOTHING,
  show,
  type Finding,
  type InstanceSubject,
  type Rule,
} from '../rule/rule.js';

const SOURCE = '§6.5';
const MAX_WEIGHT = 100;
/** The scheduler reads what it compares as a 64-bit number; 18 digits always are one. */
const INTEGER = /^\d{1,18}$/;

/** A weight of a preferred term, of node and pod affinity alike. */
export const weightFindings = (weight: number, field: string): readonly Finding[] =>
  weight >= 1 && weight <= MAX_WEIGHT
    ? NOTHING
    : [invalid(field, `${weight} is no weight: write 1 to ${MAX_WEIGHT}, the strongest preference`)];

/** What `check` finds in each term, in Kubernetes' order: required before preferred. Costs nothing where there is no node affinity. */
const inEachTerm = (
  { path, spec }: InstanceSubject,
  check: (term: NodeSelectorTerm, path: string) => readonly Finding[],
): readonly Finding[] => {
  const affinity = spec.affinity?.nodeAffinity;
  if (affinity === undefined) return NOTHING;
  const { requiredDuringSchedulingIgnoredDuringExecution: required } = affinity;
  const base = `${path}.affinity.nodeAffinity`;
  return both(
    inEach(
      required?.nodeSelectorTerms,
      `${base}.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms`,
      check,
    ),
    inEach(
      affinity.preferredDuringSchedulingIgnoredDuringExecution,
      `${base}.preferredDuringSchedulingIgnoredDuringExecution`,
      ({ preference }, at) => check(preference, `${at}.preference`),
    ),
  );
};

/** A rule on each item of `matchExpressions` or `matchFields`. */
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
      inEachTerm(subject, (term, path) =>
        term[list] === undefined ? NOTHING : inEach(term[list], `${path}.${list}`, check),
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
      inEach(values, `${path}.values`, (value, field) => {
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
    inEach(values, `${path}.values`, (value, field) =>
      isDnsSubdomain(value)
        ? NOTHING
        : [invalid(field, `${show(value)} cannot be the name of a node: ${SUBDOMAIN_REMEDY}`)],
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
      inEach(
        spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution,
        `${path}.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution`,
        ({ weight }, at) => weightFindings(weight, `${at}.weight`),
      ),
  ),
  ...expressionRules,
  ...fieldRules,
];
