import type { Change, ExampleTable } from '../rule/examples.js';
import { claim, VOLUMES } from './example-parts.js';

const field = (key: string): string => `metadata.annotations[${key}]`;
const UUID = '53008994-44c0-4017-ad44-9c49758083da';
const OURS = 'system:serviceaccount:kubevirt:virt-controller';
const here: Change = { 'status.nodeName': 'node-1' };
const POD = '5d307ca9-b3ef-428c-8861-06e72d69f223';
const ownedBy = (kind: string, uid: string, more: object = {}) => ({
  apiVersion: 'kubevirt.io/v1',
  kind,
  name: 'web',
  uid,
  controller: true,
  ...more,
});

export const instanceUpdateExamples: ExampleTable = {
  'upd.virtlet': {
    old: { 'metadata.annotations': { VirtletVCPUCount: '2', other: 'a' } },
    accepts: [{ 'metadata.annotations': { VirtletVCPUCount: '2', other: 'b' } }],
    refuses: [
      [{ 'metadata.annotations': { VirtletVCPUCount: '3' } }, field('VirtletVCPUCount')],
      [{ 'metadata.annotations': {} }, field('VirtletVCPUCount')],
      [{ 'metadata.annotations': { VirtletVCPUCount: '2', VirtletSystemUUID: UUID } }, field('VirtletSystemUUID')],
    ],
  },
  'upd.owner': {
    why: 'The VirtualMachine would take the instance for its own guest: show it, stop it, and start no other.',
    old: { 'metadata.ownerReferences': [ownedBy('VirtualMachine', 'a')] },
    accepts: [
      { 'metadata.ownerReferences': [ownedBy('VirtualMachine', 'a')], 'metadata.labels': { app: 'web' } },
      { 'metadata.labels': { app: 'web' } },
      { 'metadata.ownerReferences': [ownedBy('VirtualMachine', 'b', { controller: false })] },
    ],
    refuses: [
      [{ 'metadata.ownerReferences': [ownedBy('VirtualMachine', 'b')] }, 'metadata.ownerReferences[0]'],
      [
        { 'metadata.ownerReferences': [ownedBy('VirtualMachineInstanceReplicaSet', 'c')] },
        'metadata.ownerReferences[0]',
      ],
    ],
  },
  'upd.spec': {
    old: { 'spec.domain.memory.guest': '1024Mi' },
    accepts: [
      { 'spec.domain.memory.guest': '1Gi', 'metadata.annotations': { a: 'b' } },
      { 'spec.domain.memory.guest': '1Gi', 'spec.nodeSelector': {}, 'spec.tolerations': [] },
    ],
    refuses: [
      [{ 'spec.domain.memory.guest': '2Gi' }, 'spec.domain.memory.guest'],
      [{ 'spec.domain.memory.guest': '1Gi', 'spec.hostname': 'other' }, 'spec.hostname'],
      [{ 'spec.domain.memory.guest': '1Gi', [`${VOLUMES}[2]`]: claim('a') }, `${VOLUMES}[2]`],
    ],
  },
  'upd.labels': {
    old: { 'metadata.labels': { 'kubevirt.io/nodeName': 'node-1', app: 'web' } },
    accepts: [{ 'metadata.labels': { 'kubevirt.io/nodeName': 'node-1', app: 'shop', 'kubevirt.io/mine': 'x' } }],
    refuses: [
      [
        { 'metadata.labels': { 'kubevirt.io/nodeName': 'node-2', app: 'web' } },
        'metadata.labels[kubevirt.io/nodeName]',
      ],
      [{ 'metadata.labels': { app: 'web' } }, 'metadata.labels[kubevirt.io/nodeName]'],
    ],
  },
  'upd.pod-uid': {
    old: here,
    user: OURS,
    accepts: [{ ...here, 'status.activePods': { [POD]: 'node-1' } }],
    refuses: [
      [{ ...here, 'status.activePods': { '../../../../etc': 'node-1' } }, 'status.activePods'],
      [{ ...here, 'status.launcherPod': { name: 'a', uid: 'a/b' } }, 'status.launcherPod.uid'],
    ],
  },
};
