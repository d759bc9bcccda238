import { label64, type Change, type ExampleTable } from '../rule/examples.js';
import { longestKey } from './example-parts.js';

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';
const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution';
const NODE = 'spec.affinity.nodeAffinity';
const TERMS = `${NODE}.${REQUIRED}.nodeSelectorTerms`;
const HOST = 'kubernetes.io/hostname';
const nodeTerm = (term: object): Change => ({ [TERMS]: [term] });
const nodeWish = (term: object): Change => ({ [`${NODE}.${PREFERRED}`]: [{ weight: 1, preference: term }] });
const expression = (requirement: object): Change => nodeTerm({ matchExpressions: [requirement] });
const EXPRESSION = `${TERMS}[0].matchExpressions[0]`;
const nodeField = (requirement: object): Change =>
  nodeTerm({ matchFields: [{ key: 'metadata.name', ...requirement }] });
const FIELD = `${TERMS}[0].matchFields[0]`;

export const nodeAffinityExamples: ExampleTable = {
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
