import type { Change, ExampleTable } from '../rule/examples.js';
import { longestKey } from './example-parts.js';

const HOST = 'kubernetes.io/hostname';
const labels = { matchLabels: { app: 'a' } };
const CONSTRAINT = 'spec.topologySpreadConstraints[0]';
const spread = (constraint: object): Change => ({
  'spec.topologySpreadConstraints': [
    { maxSkew: 1, topologyKey: HOST, whenUnsatisfiable: 'DoNotSchedule', ...constraint },
  ],
});

export const topologySpreadExamples: ExampleTable = {
  'tsc.max-skew': {
    accepts: [spread({ maxSkew: 1 })],
    refuses: [
      [spread({ maxSkew: 0 }), `${CONSTRAINT}.maxSkew`],
      [spread({ maxSkew: -1 }), `${CONSTRAINT}.maxSkew`],
    ],
  },
  'tsc.topology-key': {
    accepts: [spread({}), spread({ topologyKey: longestKey })],
    refuses: [
      [spread({ topologyKey: '' }), `${CONSTRAINT}.topologyKey`],
      [spread({ topologyKey: 'zone/' }), `${CONSTRAINT}.topologyKey`],
    ],
  },
  'tsc.selector': {
    accepts: [
      spread({ labelSelector: { matchExpressions: [{ key: 'app', operator: 'Exists' }] } }),
      spread({ labelSelector: { matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['a'] }] } }),
    ],
    refuses: [
      [
        spread({ labelSelector: { matchExpressions: [{ key: 'app', operator: 'Exists', values: ['a'] }] } }),
        `${CONSTRAINT}.labelSelector.matchExpressions[0].values`,
      ],
      [
        spread({ labelSelector: { matchExpressions: [{ key: '-app', operator: 'Exists' }] } }),
        `${CONSTRAINT}.labelSelector.matchExpressions[0].key`,
      ],
    ],
  },
  'tsc.min-domains': {
    accepts: [spread({ minDomains: 1 })],
    refuses: [
      [spread({ minDomains: 0 }), `${CONSTRAINT}.minDomains`],
      [spread({ minDomains: 2, whenUnsatisfiable: 'ScheduleAnyway' }), `${CONSTRAINT}.minDomains`],
    ],
  },
  'tsc.label-keys': {
    accepts: [spread({ labelSelector: labels, matchLabelKeys: ['revision'] })],
    refuses: [
      [spread({ labelSelector: labels, matchLabelKeys: ['revision', 'app'] }), `${CONSTRAINT}.matchLabelKeys[1]`],
      [spread({ labelSelector: labels, matchLabelKeys: ['a b'] }), `${CONSTRAINT}.matchLabelKeys[0]`],
    ],
  },
};
