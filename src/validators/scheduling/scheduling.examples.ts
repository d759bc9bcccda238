import { label64, type Change, type Examples, type ExampleTable } from '../rule/examples.js';
import { longestKey } from './example-parts.js';

const tolerations = (...list: readonly object[]): Change => ({ 'spec.tolerations': list });
const setting = (field: string, accepts: readonly unknown[], refuses: readonly unknown[]): Examples => ({
  accepts: accepts.map((value) => ({ [field]: value })),
  refuses: refuses.map((value) => [{ [field]: value }, field] as const),
});

export const schedulingExamples: ExampleTable = {
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
