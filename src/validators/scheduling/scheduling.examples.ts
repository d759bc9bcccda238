import { label64, type Change, type Examples, type ExampleTable } from '../rule/examples.js';

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';
const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution';
const NODE = 'spec.affinity.nodeAffinity';
const POD = 'spec.affinity.podAffinity';
const ANTI = 'spec.affinity.podAntiAffinity';
const TERMS = `${NODE}.${REQUIRED}.nodeSelectorTerms`;
const HOST = 'kubernetes.io/hostname';
/** The longest key: a prefix of 253 characters and a name of 63. */
const longestKey = `${Array(4).fill('a'.repeat(62)).join('.')}.b/${'c'.repeat(63)}`;

const nodeTerm = (term: object): Change => ({ [TERMS]: [term] });
const nodeWish = (term: object): Change => ({ [`${NODE}.${PREFERRED}`]: [{ weight: 1, preference: term }] });
const expression = (requirement: object): Change => nodeTerm({ matchExpressions: [requirement] });
const EXPRESSION = `${TERMS}[0].matchExpressions[0]`;
const nodeField = (requirement: object): Change =>
  nodeTerm({ matchFields: [{ key: 'metadata.name', ...requirement }] });
const FIELD = `${TERMS}[0].matchFields[0]`;

const podTerm = (term: object): Change => ({ [`${POD}.${REQUIRED}`]: [{ topologyKey: HOST, ...term }] });
const antiWish = (term: object, weight = 1): Change => ({
  [`${ANTI}.${PREFERRED}`]: [{ weight, podAffinityTerm: { topologyKey: HOST, ...term } }],
});
const TERM = `${POD}.${REQUIRED}[0]`;
const WISH = `${ANTI}.${PREFERRED}[0]`;
const labels = { matchLabels: { app: 'a' } };

const nodeAffinityExamples: ExampleTable = {
  'aff.node-terms': {
    why: 'No node fits an empty list, so that the VM would wait for ever.',
    accepts: [{ [TERMS]: [{}] }],
    refuses: [
      [{ [TERMS]: [] }, TERMS],
      [{ [TERMS]: [], ...nodeWish({}) }, TERMS],
    ],
  },
  'aff.node-weight': {
    accepts: [
      { [`${NODE}.${PREFERRED}`]: [{ weight: 100, preference: {} }] },
      {
        [`${NODE}.${PREFERRED}`]: [
          { weight: 1, preference: {} },
          { weight: 100, preference: {} },
        ],
      },
    ],
    refuses: [
      [{ [`${NODE}.${PREFERRED}`]: [{ weight: 101, preference: {} }] }, `${NODE}.${PREFERRED}[0].weight`],
      [{ [`${NODE}.${PREFERRED}`]: [{ weight: 0, preference: {} }] }, `${NODE}.${PREFERRED}[0].weight`],
    ],
  },
  'aff.expr-in': {
    accepts: [
      expression({ key: 'zone', operator: 'In', values: ['a'] }),
      expression({ key: 'zone', operator: 'In', values: [''] }),
    ],
    refuses: [
      [expression({ key: 'zone', operator: 'In' }), `${EXPRESSION}.values`],
      [
        nodeWish({ matchExpressions: [{ key: 'zone', operator: 'NotIn', values: [] }] }),
        `${NODE}.${PREFERRED}[0].preference.matchExpressions[0].values`,
      ],
    ],
  },
  'aff.expr-exists': {
    accepts: [expression({ key: 'zone', operator: 'Exists', values: [] })],
    refuses: [
      [expression({ key: 'zone', operator: 'Exists', values: ['a'] }), `${EXPRESSION}.values`],
      [expression({ key: 'zone', operator: 'DoesNotExist', values: ['a', 'b'] }), `${EXPRESSION}.values`],
    ],
  },
  'aff.expr-gt': {
    accepts: [expression({ key: 'cores', operator: 'Gt', values: ['8'] })],
    refuses: [
      [expression({ key: 'cores', operator: 'Gt', values: ['8', '16'] }), `${EXPRESSION}.values`],
      [expression({ key: 'cores', operator: 'Lt' }), `${EXPRESSION}.values`],
    ],
  },
  'aff.expr-key': {
    accepts: [expression({ key: 'zone', operator: 'Exists' }), expression({ key: longestKey, operator: 'Exists' })],
    refuses: [
      [expression({ key: 'a b', operator: 'Exists' }), `${EXPRESSION}.key`],
      [expression({ key: `example.com/${label64}`, operator: 'Exists' }), `${EXPRESSION}.key`],
      [expression({ key: '', operator: 'Exists' }), `${EXPRESSION}.key`],
    ],
  },
  'aff.expr-value': {
    accepts: [
      expression({ key: 'zone', operator: 'In', values: ['a', 'b-c'] }),
      expression({ key: 'zone', operator: 'In', values: ['', 'a'.repeat(63)] }),
      expression({ key: 'cores', operator: 'Gt', values: ['999999999999999999'] }),
    ],
    refuses: [
      [expression({ key: 'zone', operator: 'In', values: ['a', 'b c'] }), `${EXPRESSION}.values[1]`],
      [expression({ key: 'cores', operator: 'Gt', values: ['many'] }), `${EXPRESSION}.values[0]`],
      [expression({ key: 'zone', operator: 'NotIn', values: [label64] }), `${EXPRESSION}.values[0]`],
    ],
  },
  'aff.field-in': {
    accepts: [nodeField({ operator: 'In', values: ['node-1'] })],
    refuses: [
      [nodeField({ operator: 'In', values: ['node-1', 'node-2'] }), `${FIELD}.values`],
      [nodeField({ operator: 'NotIn' }), `${FIELD}.values`],
    ],
  },
  'aff.field-op': {
    accepts: [nodeField({ operator: 'NotIn', values: ['node-1'] })],
    refuses: [
      [nodeField({ operator: 'Exists' }), `${FIELD}.operator`],
      [nodeField({ operator: 'Gt', values: ['1'] }), `${FIELD}.operator`],
    ],
  },
  'aff.field-key': {
    accepts: [nodeField({ operator: 'In', values: ['node-1'] })],
    refuses: [
      [nodeField({ key: 'metadata.namespace', operator: 'In', values: ['a'] }), `${FIELD}.key`],
      [nodeField({ key: HOST, operator: 'In', values: ['a'] }), `${FIELD}.key`],
    ],
  },
  'aff.field-value': {
    accepts: [nodeField({ operator: 'In', values: ['node-1.example.com'] })],
    refuses: [
      [nodeField({ operator: 'In', values: ['Node_1'] }), `${FIELD}.values[0]`],
      [nodeField({ operator: 'In', values: [''] }), `${FIELD}.values[0]`],
    ],
  },
};

const podAffinityExamples: ExampleTable = {
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

const CONSTRAINT = 'spec.topologySpreadConstraints[0]';
const spread = (constraint: object): Change => ({
  'spec.topologySpreadConstraints': [
    { maxSkew: 1, topologyKey: HOST, whenUnsatisfiable: 'DoNotSchedule', ...constraint },
  ],
});

const topologySpreadExamples: ExampleTable = {
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

const tolerations = (...list: readonly object[]): Change => ({ 'spec.tolerations': list });

const tolerationExamples: ExampleTable = {
  'toleration.key': {
    accepts: [
      tolerations({ key: 'gpu', operator: 'Exists' }),
      tolerations({ key: longestKey, operator: 'Exists' }, { operator: 'Exists' }),
    ],
    refuses: [
      [tolerations({ key: 'a b', operator: 'Exists' }), 'spec.tolerations[0].key'],
      [tolerations({ operator: 'Exists' }, { key: 'A/b', value: 'c' }), 'spec.tolerations[1].key'],
    ],
  },
  'toleration.no-key': {
    why: 'Without a key only the operator Exists makes sense: it tolerates every taint.',
    accepts: [tolerations({ operator: 'Exists', effect: 'NoSchedule' })],
    refuses: [
      [tolerations({ effect: 'NoSchedule' }), 'spec.tolerations[0].operator'],
      [tolerations({ operator: 'Equal', value: 'a' }), 'spec.tolerations[0].operator'],
    ],
  },
  'toleration.value': {
    accepts: [
      tolerations({ key: 'gpu', operator: 'Exists' }),
      tolerations({ key: 'gpu', value: 'a'.repeat(63) }, { key: 'gpu', operator: 'Exists', value: '' }),
    ],
    refuses: [
      [tolerations({ key: 'gpu', operator: 'Exists', value: 'yes' }), 'spec.tolerations[0].value'],
      [tolerations({ key: 'gpu', value: label64 }), 'spec.tolerations[0].value'],
    ],
  },
  'toleration.seconds': {
    accepts: [
      tolerations({ key: 'a', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 60 }),
      tolerations({ key: 'a', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 0 }),
    ],
    refuses: [
      [
        tolerations({ key: 'a', operator: 'Exists', effect: 'NoSchedule', tolerationSeconds: 60 }),
        'spec.tolerations[0].effect',
      ],
      [tolerations({ key: 'a', operator: 'Exists', tolerationSeconds: 0 }), 'spec.tolerations[0].effect'],
    ],
  },
};

const setting = (field: string, accepts: readonly unknown[], refuses: readonly unknown[]): Examples => ({
  accepts: accepts.map((value) => ({ [field]: value })),
  refuses: refuses.map((value) => [{ [field]: value }, field] as const),
});

export const schedulingExamples: ExampleTable = {
  ...nodeAffinityExamples,
  ...podAffinityExamples,
  ...topologySpreadExamples,
  ...tolerationExamples,
  'sched.cluster-nodes': {
    why: "The administrator decides which nodes run VMs; the pod would get the cluster's value whatever the VM says.",
    config: { developerConfiguration: { nodeSelectors: { pool: 'vms', zone: 'a' } } },
    accepts: [
      { 'spec.nodeSelector': { pool: 'vms' } },
      { 'spec.nodeSelector': { pool: 'vms', zone: 'a', disk: 'ssd' } },
      { 'spec.nodeSelector': { disk: 'ssd' } },
    ],
    refuses: [
      [{ 'spec.nodeSelector': { pool: 'control-plane' } }, 'spec.nodeSelector[pool]'],
      [{ 'spec.nodeSelector': { pool: 'vms', zone: '' } }, 'spec.nodeSelector[zone]'],
    ],
  },
  'sched.node-selector': {
    accepts: [
      { 'spec.nodeSelector': { disktype: 'ssd' } },
      { 'spec.nodeSelector': { [longestKey]: 'a'.repeat(63), disktype: '' } },
    ],
    refuses: [
      [{ 'spec.nodeSelector': { disktype: 'solid state' } }, 'spec.nodeSelector.disktype'],
      [{ 'spec.nodeSelector': { 'Example.com/disk': 'ssd' } }, 'spec.nodeSelector[Example.com/disk]'],
    ],
  },
  'sched.priority-class': setting('spec.priorityClassName', ['high', '', 'a'.repeat(63)], ['High', 'very high']),
  'sched.scheduler-name': setting(
    'spec.schedulerName',
    ['my-scheduler', '', 'My_scheduler'],
    ['my scheduler', 'a'.repeat(254)],
  ),
  'sched.grace-period': setting('spec.terminationGracePeriodSeconds', [0, 2_147_483_647], [-1, 2_147_483_648]),
};
