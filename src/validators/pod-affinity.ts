import type { PodAffinityTerm } from '../api/schema/core.js';
import { joinedKeyFindings, labelKeyFindings, selectorFindings } from './label-selector.js';
import { isDnsLabel, LABEL_REMEDY } from './names.js';
import { weightFindings } from './node-affinity.js';
import { instanceRule, invalid, show, type Finding, type InstanceSubject, type Rule } from './rule.js';

const SOURCE = '§6.5';
const KINDS = ['podAffinity', 'podAntiAffinity'] as const;

interface PlacedTerm {
  readonly term: PodAffinityTerm;
  readonly path: string;
}

/** Every term, in Kubernetes' order: affinity before anti-affinity, required before preferred. */
const terms = ({ path, spec }: InstanceSubject): readonly PlacedTerm[] => {
  const { affinity } = spec;
  if (affinity === undefined) return [];
  return KINDS.flatMap((kind) => {
    const {
      requiredDuringSchedulingIgnoredDuringExecution: required = [],
      preferredDuringSchedulingIgnoredDuringExecution: preferred = [],
    } = affinity[kind] ?? {};
    const base = `${path}.affinity.${kind}`;
    return [
      ...required.map((term, i) => ({ term, path: `${base}.requiredDuringSchedulingIgnoredDuringExecution[${i}]` })),
      ...preferred.map(({ podAffinityTerm: term }, i) => ({
        term,
        path: `${base}.preferredDuringSchedulingIgnoredDuringExecution[${i}].podAffinityTerm`,
      })),
    ];
  });
};

const termRule = (
  id: string,
  field: string,
  summary: string,
  check: (term: PodAffinityTerm, path: string) => readonly Finding[],
  source = SOURCE,
): Rule<InstanceSubject> =>
  instanceRule(id, `$.affinity.{podAffinity,podAntiAffinity}…${field}`, source, summary, (subject) =>
    terms(subject).flatMap(({ term, path }) => check(term, path)),
  );

/** The label by which nodes form groups (zones, hosts); pod affinity and topology spread constraints name one. */
export const topologyKeyFindings = (key: string, field: string): Finding[] =>
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
            (affinity[kind]?.preferredDuringSchedulingIgnoredDuringExecution ?? []).flatMap(({ weight }, i) =>
              weightFindings(
                weight,
                `${path}.affinity.${kind}.preferredDuringSchedulingIgnoredDuringExecution[${i}].weight`,
              ),
            ),
          ),
  ),
  termRule(
    'aff.pod-selector',
    '.{labelSelector,namespaceSelector}',
    'a selector that cannot be understood',
    ({ labelSelector, namespaceSelector }, path) => [
      ...selectorFindings(labelSelector, `${path}.labelSelector`),
      ...selectorFindings(namespaceSelector, `${path}.namespaceSelector`),
    ],
  ),
  termRule('aff.pod-namespace', '.namespaces[]', 'a namespace that is not a DNS label', ({ namespaces = [] }, path) =>
    namespaces.flatMap((namespace, i) =>
      isDnsLabel(namespace)
        ? []
        : [invalid(`${path}.namespaces[${i}]`, `${show(namespace)} cannot be a namespace: ${LABEL_REMEDY}`)],
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
      const both = (matchLabelKeys ?? []).findIndex((key) => mismatchLabelKeys.includes(key));
      return [
        ...joinedKeyFindings(matchLabelKeys, labelSelector, `${path}.matchLabelKeys`),
        ...joinedKeyFindings(mismatchLabelKeys, labelSelector, `${path}.mismatchLabelKeys`),
        ...(both === -1
          ? []
          : [
              invalid(
                `${path}.matchLabelKeys[${both}]`,
                `${show(matchLabelKeys?.[both])} is in mismatchLabelKeys too, which nothing fits: keep one of them`,
              ),
            ]),
      ];
    },
    "none: Kubernetes' own rule for pods",
  ),
];
