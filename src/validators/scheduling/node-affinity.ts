import type { NodeSelectorRequirement, NodeSelectorTerm } from '../../api/schema/core.js';
import { labelKeyFindings, labelValueFindings, valueCountFindings } from '../rule/label-selector.js';
import { isDnsSubdomain, SUBDOMAIN_REMEDY } from '../rule/names.js';
import { both, invalid, NOTHING, type Finding } from '../rule/finding.js';
import { inEach } from '../rule/in-each.js';
import { instanceRule, instanceRules } from '../rule/rule.js';
import type { InstanceSubject } from '../rule/subject.js';
import { show } from '../rule/wording.js';

const SOURCE = '§6.5';
const MAX_WEIGHT = 100;
/** The scheduler reads what it compares as a 64-bit number; 18 digits always are one. */
const INTEGER = /^\d{1,18}$/;

/** A weight of a preferred term, of node and pod affinity alike. */
export const weightFindings = (weight: number, field: string): readonly Finding[] =>
  weight >= 1 && weight <= MAX_WEIGHT
    ? NOTHING
    : [invalid(field, `${weight} is no weight: write 1 to ${MAX_WEIGHT}, the strongest preference`)];

/**
 * What `check` finds in each term, in Kubernetes' order: required before preferred. Costs nothing where there is no
 * node affinity.
 */
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
/** Rules on each item of `matchExpressions` or `matchFields`. */
const requirementRules = (list: 'matchExpressions' | 'matchFields') =>
  instanceRules<(requirement: NodeSelectorRequirement, path: string) => readonly Finding[]>({
    field: `$.affinity.nodeAffinity…${list}[]`,
    source: SOURCE,
    run: (subject, check) =>
      inEachTerm(subject, (term, path) =>
        term[list] === undefined ? NOTHING : inEach(term[list], `${path}.${list}`, check),
      ),
  });
const expressionRule = requirementRules('matchExpressions');
const fieldRule = requirementRules('matchFields');

const comparesNumbers = (operator: string): boolean => operator === 'Gt' || operator === 'Lt';

/* An operator that does not exist (aff.expr-op) is the schema's to refuse. */
const expressionRules = [
  expressionRule({
    id: 'aff.expr-in',
    field: '.values',
    summary: 'the operator `In` or `NotIn` without values',
    check: ({ operator, values = [] }, path) =>
      operator === 'In' || operator === 'NotIn' ? valueCountFindings(operator, values, path) : [],
  }),
  expressionRule({
    id: 'aff.expr-exists',
    field: '.values',
    summary: 'the operator `Exists` or `DoesNotExist` with values',
    check: ({ operator, values = [] }, path) =>
      operator === 'Exists' || operator === 'DoesNotExist' ? valueCountFindings(operator, values, path) : [],
  }),
  expressionRule({
    id: 'aff.expr-gt',
    field: '.values',
    summary: 'the operator `Gt` or `Lt` without exactly one value',
    check: ({ operator, values = [] }, path) =>
      !comparesNumbers(operator) || values.length === 1
        ? []
        : [
            invalid(
              `${path}.values`,
              `operator ${operator} compares with one number: write one value, not ${values.length}`,
            ),
          ],
  }),
  expressionRule({
    id: 'aff.expr-key',
    field: '.key',
    summary: 'a key that no label can have',
    check: ({ key }, path) => labelKeyFindings(key, `${path}.key`),
  }),
  expressionRule({
    id: 'aff.expr-value',
    field: '.values[]',
    source: 'none: such a VM would never be scheduled',
    summary: 'a value that no label can have, or that the operator `Gt` or `Lt` cannot compare',
    check: ({ operator, values = [] }, path) =>
      inEach(values, `${path}.values`, (value, field) => {
        if (!comparesNumbers(operator)) return labelValueFindings(value, field);
        return INTEGER.test(value)
          ? []
          : [invalid(field, `operator ${operator} compares numbers and ${show(value)} is none: write one such as "8"`)];
      }),
  }),
];

/** Nodes have one field to select by. */
const NODE_FIELD = 'metadata.name';

const fieldRules = [
  fieldRule({
    id: 'aff.field-in',
    field: '.values',
    summary: 'a field compared with no value, or with several',
    check: ({ operator, values = [] }, path) =>
      !['In', 'NotIn'].includes(operator) || values.length === 1
        ? []
        : [invalid(`${path}.values`, `a field is compared with one value: write one, not ${values.length}`)],
  }),
  fieldRule({
    id: 'aff.field-op',
    field: '.operator',
    summary: 'a field compared by operators other than `In` and `NotIn`',
    check: ({ operator }, path) =>
      // Operators that do not exist at all are the schema's to refuse.
      ['Exists', 'DoesNotExist', 'Gt', 'Lt'].includes(operator)
        ? [invalid(`${path}.operator`, `operator ${operator} does not work on fields: write In or NotIn`)]
        : [],
  }),
  fieldRule({
    id: 'aff.field-key',
    field: '.key',
    summary: `a field other than ${NODE_FIELD}`,
    check: ({ key }, path) =>
      key === NODE_FIELD
        ? []
        : [
            invalid(
              `${path}.key`,
              `${show(key)} is no field that nodes are selected by: write ${NODE_FIELD}, or compare a label in matchExpressions`,
            ),
          ],
  }),
  fieldRule({
    id: 'aff.field-value',
    field: '.values[]',
    summary: 'a value that cannot be the name of a node',
    check: ({ values = [] }, path) =>
      inEach(values, `${path}.values`, (value, field) =>
        isDnsSubdomain(value)
          ? NOTHING
          : [invalid(field, `${show(value)} cannot be the name of a node: ${SUBDOMAIN_REMEDY}`)],
      ),
  }),
];

export const nodeAffinityRules = [
  instanceRule({
    id: 'aff.node-terms',
    field: '$.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms',
    source: SOURCE,
    summary: 'required node affinity without terms',
    check: ({ path, spec }) => {
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
  }),
  instanceRule({
    id: 'aff.node-weight',
    field: '$.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[].weight',
    source: SOURCE,
    summary: `a preference of nodes with a weight outside 1 to ${MAX_WEIGHT}`,
    check: ({ path, spec }) =>
      inEach(
        spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution,
        `${path}.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution`,
        ({ weight }, at) => weightFindings(weight, `${at}.weight`),
      ),
  }),
  ...expressionRules,
  ...fieldRules,
];
