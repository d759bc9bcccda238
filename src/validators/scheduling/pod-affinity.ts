import type { PodAffinityTerm } from '../../api/schema/core.js';
import { joinedKeyFindings, labelKeyFindings, selectorFindings } from '../rule/label-selector.js';
import { isDnsLabel, LABEL_REMEDY } from '../rule/names.js';
import { weightFindings } from './node-affinity.js';
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
const KINDS = ['podAffinity', 'podAntiAffinity'] as const;

/** What `check` finds in each term, in Kubernetes' order: affinity before anti-affinity, required before preferred. */
const inEachTerm = (
  { path, spec: { affinity } }: InstanceSubject,
  check: (term: PodAffinityTerm, path: string) => readonly Finding[],
): readonly Finding[] => {
  if (affinity === undefined) return NOTHING;
  const below = (kind: (typeof KINDS)[number]): readonly Finding[] => {
    const terms = affinity[kind];
    if (terms === undefined) return NOTHING;
    const base = `${path}.affinity.${kind}`;
    return both(
      inEach(
        terms.requiredDuringSchedulingIgnoredDuringExecution,
        `${base}.requiredDuringSchedulingIgnoredDuringExecution`,
        check,
      ),
      inEach(
        terms.preferredDuringSchedulingIgnoredDuringExecution,
        `${base}.preferredDuringSchedulingIgnoredDuringExecution`,
        ({ podAffinityTerm }, at) => check(podAffinityTerm, `${at}.podAffinityTerm`),
      ),
    );
  };
  return both(below('podAffinity'), below('podAntiAffinity'));
};

const termRule = (
  id: string,
  field: string,
  summary: string,
  check: (term: PodAffinityTerm, path: string) => readonly Finding[],
  source = SOURCE,
): Rule<InstanceSubject> =>
  instanceRule(id, `$.affinity.{podAffinity,podAntiAffinity}…${field}`, source, summary, (subject) =>
    inEachTerm(subject, check),
  );

/** The label by which nodes form groups (zones, hosts); pod affinity and topology spread constraints name one. */
export const topologyKeyFindings = (key: string, field: string): readonly Finding[] =>
  key === ''
    ? [invalid(field, 'is empty: write the label that groups the nodes, such as "kubernetes.io/hostname"')]
    : labelKeyFindings(key, field);

export const podAffinityRules = [
  instanceRule(
    'aff.pod-weight',
    '$.affinity.{podAffinity,podAntiAffinity}.preferredDuringSchedulingIgnoredDuringExecution[].weight',
    SOURCE,
    'a preference of neighbours with a weight outside 1 to 100',
    ({ path, spec: { affinity } }) =>
      affinity === undefined
        ? []
        : KINDS.flatMap((kind) =>
            inEach(
              affinity[kind]?.preferredDuringSchedulingIgnoredDuringExecution,
              `${path}.affinity.${kind}.preferredDuringSchedulingIgnoredDuringExecution`,
              ({ weight }, at) => weightFindings(weight, `${at}.weight`),
            ),
          ),
  ),
  termRule(
    'aff.pod-selector',
    '.{labelSelector,namespaceSelector}',
    'a selector that cannot be understood',
    ({ labelSelector, namespaceSelector }, path) =>
      both(
        selectorFindings(labelSelector, `${path}.labelSelector`),
        selectorFindings(namespaceSelector, `${path}.namespaceSelector`),
      ),
  ),
  termRule('aff.pod-namespace', '.namespaces[]', 'a namespace that is not a DNS label', ({ namespaces = [] }, path) =>
    inEach(namespaces, `${path}.namespaces`, (namespace, field) =>
      isDnsLabel(namespace) ? NOTHING : [invalid(field, `${show(namespace)} cannot be a namespace: ${LABEL_REMEDY}`)],
    ),
  ),
  termRule(
    'aff.pod-topology-key',
    '.topologyKey',
    'a topology key that is empty or that no label can have',
    ({ topologyKey }, path) => topologyKeyFindings(topologyKey, `${path}.topologyKey`),
  ),
  termRule(
    'aff.pod-label-keys',
    '.{matchLabelKeys,mismatchLabelKeys}',
    'keys of labels that join no selector, that cannot be keys, or that the selector compares already',
    ({ matchLabelKeys, mismatchLabelKeys = [], labelSelector }, path) => {
      const mismatching = new Set(mismatchLabelKeys);
      const inBoth = (matchLabelKeys ?? []).findIndex((key) => mismatching.has(key));
      return [
        ...joinedKeyFindings(matchLabelKeys, labelSelector, `${path}.matchLabelKeys`),
        ...joinedKeyFindings(mismatchLabelKeys, labelSelector, `${path}.mismatchLabelKeys`),
        ...(inBoth === -1
          ? []
          : [
              invalid(
                `${path}.matchLabelKeys[${inBoth}]`,
                `${show(matchLabelKeys?.[inBoth])} is in mismatchLabelKeys too, which nothing fits: keep one of them`,
              ),
            ]),
      ];
    },
    "none: Kubernetes' own rule for pods",
  ),
];
