import type { PodAffinityTerm } from '../../api/schema/core.js';
import { joinedKeyFindings, labelKeyFindings, selectorFindings } from '../rule/label-selector.js';
import { isDnsLabel, LABEL_REMEDY } from '../rule/names.js';
import { weightFindings } from './node-affinity.js';
import { both, invalid, NOTHING, type Finding } from '../rule/finding.js';
import { inEach } from '../rule/in-each.js';
import { instanceRule, instanceRules } from '../rule/rule.js';
import type { InstanceSubject } from '../rule/subject.js';
import { show } from '../rule/wording.js';

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

const termRule = instanceRules<(term: PodAffinityTerm, path: string) => readonly Finding[]>({
  field: '$.affinity.{podAffinity,podAntiAffinity}…',
  source: SOURCE,
  run: inEachTerm,
});

/** The label by which nodes form groups (zones, hosts); pod affinity and topology spread constraints name one. */
export const topologyKeyFindings = (key: string, field: string): readonly Finding[] =>
  key === ''
    ? [invalid(field, 'is empty: write the label that groups the nodes, such as "kubernetes.io/hostname"')]
    : labelKeyFindings(key, field);

export const podAffinityRules = [
  instanceRule({
    id: 'aff.pod-weight',
    field: '$.affinity.{podAffinity,podAntiAffinity}.preferredDuringSchedulingIgnoredDuringExecution[].weight',
    source: SOURCE,
    summary: 'a preference of neighbours with a weight outside 1 to 100',
    check: ({ path, spec: { affinity } }) =>
      affinity === undefined
        ? []
        : KINDS.flatMap((kind) =>
            inEach(
              affinity[kind]?.preferredDuringSchedulingIgnoredDuringExecution,
              `${path}.affinity.${kind}.preferredDuringSchedulingIgnoredDuringExecution`,
              ({ weight }, at) => weightFindings(weight, `${at}.weight`),
            ),
          ),
  }),
  termRule({
    id: 'aff.pod-selector',
    field: '.{labelSelector,namespaceSelector}',
    summary: 'a selector that cannot be understood',
    check: ({ labelSelector, namespaceSelector }, path) =>
      both(
        selectorFindings(labelSelector, `${path}.labelSelector`),
        selectorFindings(namespaceSelector, `${path}.namespaceSelector`),
      ),
  }),
  termRule({
    id: 'aff.pod-namespace',
    field: '.namespaces[]',
    summary: 'a namespace that is not a DNS label',
    check: ({ namespaces = [] }, path) =>
      inEach(namespaces, `${path}.namespaces`, (namespace, field) =>
        isDnsLabel(namespace) ? NOTHING : [invalid(field, `${show(namespace)} cannot be a namespace: ${LABEL_REMEDY}`)],
      ),
  }),
  termRule({
    id: 'aff.pod-topology-key',
    field: '.topologyKey',
    summary: 'a topology key that is empty or that no label can have',
    check: ({ topologyKey }, path) => topologyKeyFindings(topologyKey, `${path}.topologyKey`),
  }),
  termRule({
    id: 'aff.pod-label-keys',
    field: '.{matchLabelKeys,mismatchLabelKeys}',
    source: "none: Kubernetes' own rule for pods",
    summary: 'keys of labels that join no selector, that cannot be keys, or that the selector compares already',
    check: ({ matchLabelKeys, mismatchLabelKeys = [], labelSelector }, path) => {
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
  }),
];
