import type { ExampleTable } from '../rule/examples.js';

const kind = 'VirtualMachineInstanceReplicaSet' as const;
const SELECTOR = 'spec.selector';
const EXPRESSIONS = `${SELECTOR}.matchExpressions`;
const expression = (operator: string, values?: readonly string[], key = 'set') => ({
  [SELECTOR]: { matchExpressions: [{ key, operator, ...(values && { values }) }] },
});

export const replicaSetExamples: ExampleTable = {
  'rs.template': {
    kind,
    accepts: [{ 'spec.template.spec': { domain: { devices: {}, memory: { guest: '1Gi' } } } }],
    refuses: [
      [{ 'spec.template': { metadata: { labels: { set: 'case' } } } }, 'spec.template.spec'],
      [{ 'spec.template.spec': undefined }, 'spec.template.spec'],
    ],
  },
  'rs.replicas': {
    kind,
    accepts: [{ 'spec.replicas': 1 }, { 'spec.replicas': 0 }, { 'spec.replicas': undefined }],
    refuses: [
      [{ 'spec.replicas': -1 }, 'spec.replicas'],
      [{ 'spec.replicas': -1000 }, 'spec.replicas'],
    ],
  },
  'rs.selector-invalid': {
    kind,
    accepts: [expression('In', ['case', 'other']), expression('Exists'), expression('DoesNotExist', [], 'a.example/b')],
    refuses: [
      [expression('Is', ['case']), `${EXPRESSIONS}[0].operator`],
      [expression('In'), `${EXPRESSIONS}[0].values`],
      [expression('Exists', ['case']), `${EXPRESSIONS}[0].values`],
      [expression('NotIn', ['no label value']), `${EXPRESSIONS}[0].values[0]`],
      [expression('Exists', undefined, 'no key'), `${EXPRESSIONS}[0].key`],
      [{ [SELECTOR]: { matchLabels: { '-set': 'case' } } }, `${SELECTOR}.matchLabels[-set]`],
      [{ [SELECTOR]: { matchLabels: { set: 'no value!' } } }, `${SELECTOR}.matchLabels.set`],
    ],
  },
  'rs.selector-mismatch': {
    kind,
    accepts: [
      { [SELECTOR]: { matchLabels: { set: 'web' } }, 'spec.template.metadata.labels': { set: 'web' } },
      { [SELECTOR]: {} },
      expression('NotIn', ['other']),
      expression('DoesNotExist', undefined, 'toString'),
    ],
    refuses: [
      [{ [SELECTOR]: { matchLabels: { set: 'web' } }, 'spec.template.metadata.labels': { set: 'shop' } }, SELECTOR],
      [{ [SELECTOR]: { matchLabels: { set: 'other' } } }, SELECTOR],
      [expression('In', ['other']), SELECTOR],
      [expression('Exists', undefined, 'toString'), SELECTOR],
      [{ 'spec.template.metadata': {} }, SELECTOR],
    ],
  },
};
