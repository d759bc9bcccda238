import type { Change, ExampleTable } from '../rule/examples.js';
import { longestKey } from './example-parts.js';

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';
const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution';
const POD = 'spec.affinity.podAffinity';
const ANTI = 'spec.affinity.podAntiAffinity';
const HOST = 'kubernetes.io/hostname';
const podTerm = (term: object): Change => ({ [`${POD}.${REQUIRED}`]: [{ topologyKey: HOST, ...term }] });
const antiWish = (term: object, weight = 1): Change => ({
  [`${ANTI}.${PREFERRED}`]: [{ weight, podAffinityTerm: { topologyKey: HOST, ...term } }],
});
const TERM = `${POD}.${REQUIRED}[0]`;
const WISH = `${ANTI}.${PREFERRED}[0]`;
const labels = { matchLabels: { app: 'a' } };

export const podAffinityExamples: ExampleTable = {
  'aff.pod-weight': {
    accepts: [antiWish({}, 100)],
    refuses: [
      [antiWish({}, 101), `${WISH}.weight`],
      [
        { [`${POD}.${PREFERRED}`]: [{ weight: -1, podAffinityTerm: { topologyKey: HOST } }] },
        `${POD}.${PREFERRED}[0].weight`,
      ],
    ],
  },
  'aff.pod-selector': {
    accepts: [
      podTerm({ labelSelector: { matchExpressions: [{ key: 'app', operator: 'In', values: ['web'] }] } }),
      podTerm({
        labelSelector: { matchLabels: { [longestKey]: '' }, matchExpressions: [{ key: 'app', operator: 'Exists' }] },
        namespaceSelector: {},
      }),
    ],
    refuses: [
      [
        podTerm({ labelSelector: { matchExpressions: [{ key: 'app', operator: 'In' }] } }),
        `${TERM}.labelSelector.matchExpressions[0].values`,
      ],
      [
        antiWish({ namespaceSelector: { matchExpressions: [{ key: 'app', operator: 'Is', values: ['a'] }] } }),
        `${WISH}.podAffinityTerm.namespaceSelector.matchExpressions[0].operator`,
      ],
      [podTerm({ labelSelector: { matchLabels: { app: 'a b' } } }), `${TERM}.labelSelector.matchLabels.app`],
      [podTerm({ labelSelector: { matchLabels: { 'a/b/c': '' } } }), `${TERM}.labelSelector.matchLabels[a/b/c]`],
    ],
  },
  'aff.pod-namespace': {
    accepts: [podTerm({ namespaces: ['default', 'a-b'] }), podTerm({ namespaces: ['a'.repeat(63)] })],
    refuses: [
      [podTerm({ namespaces: ['default', 'a.b'] }), `${TERM}.namespaces[1]`],
      [antiWish({ namespaces: [''] }), `${WISH}.podAffinityTerm.namespaces[0]`],
    ],
  },
  'aff.pod-topology-key': {
    accepts: [podTerm({}), podTerm({ topologyKey: longestKey })],
    refuses: [
      [podTerm({ topologyKey: '' }), `${TERM}.topologyKey`],
      [antiWish({ topologyKey: 'a b' }), `${WISH}.podAffinityTerm.topologyKey`],
    ],
  },
  'aff.pod-label-keys': {
    accepts: [
      podTerm({ labelSelector: labels, matchLabelKeys: ['revision'] }),
      podTerm({ labelSelector: labels, matchLabelKeys: ['revision'], mismatchLabelKeys: ['tenant'] }),
    ],
    refuses: [
      [podTerm({ matchLabelKeys: ['revision'] }), `${TERM}.matchLabelKeys`],
      [podTerm({ labelSelector: labels, mismatchLabelKeys: ['app'] }), `${TERM}.mismatchLabelKeys[0]`],
      [
        antiWish({ labelSelector: labels, matchLabelKeys: ['a', 'b'], mismatchLabelKeys: ['b'] }),
        `${WISH}.podAffinityTerm.matchLabelKeys[1]`,
      ],
    ],
  },
};
