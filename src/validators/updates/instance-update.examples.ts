import type { Change, ExampleTable } from '../rule/examples.js';

const OURS = 'system:serviceaccount:kubevirt:virt-controller';
const AGENT = 'system:serviceaccount:kubevirt:virt-agent';
const DISKS = 'spec.domain.devices.disks';
const VOLUMES = 'spec.volumes';
const here: Change = { 'status.nodeName': 'node-1' };
const POD = '5d307ca9-b3ef-428c-8861-06e72d69f223';
const address = { name: 'default', ipAddress: '10.0.0.7', ipAddresses: ['10.0.0.7'] };
const ready = { type: 'Ready', status: 'True' };
/** A VM of node-1 that was handed to its agent. */
const agents = (status: object): Change => ({
  status: { nodeName: 'node-1', phase: 'Scheduled', ...status },
  'metadata.finalizers': ['kubevirt.io/foregroundDeleteVirtualMachine'],
});

const disk = (name: string, more: object = { disk: { bus: 'scsi' } }) => ({ name, ...more });
const claim = (name: string, claimName = name) => ({ name, persistentVolumeClaim: { claimName, hotpluggable: true } });
const start = [disk('root', { disk: { bus: 'virtio' } }), disk('init', { disk: { bus: 'virtio' } })];
const startVolumes = [
  { name: 'root', containerDisk: { image: 'registry.example/disk:v1' } },
  { name: 'init', cloudInitNoCloud: { userData: '#cloud-config' } },
];
/** A VM that runs, with the volume `data` added since. */
const running = (disks: readonly object[] = [], volumes: readonly object[] = [], more: Change = {}): Change => ({
  [DISKS]: [...start, ...disks],
  [VOLUMES]: [...startVolumes, ...volumes],
  'status.volumeStatus': [
    { name: 'root', target: 'vda' },
    { name: 'init', target: 'vdb' },
    { name: 'data', target: 'sda', hotplugVolume: {} },
  ],
  ...more,
});
const data = [[disk('data')], [claim('data')]] as const;
const old = running(...data);
const utility = (...list: object[]): Change => running(...data, { 'spec.utilityVolumes': list });
const backup = { name: 'backup', claimName: 'backup' };
const U = 'spec.utilityVolumes';
const migrating: Change = { 'status.migratedVolumes': [{ volumeName: 'root' }] };

const ownedBy = (kind: string, uid: string, more: object = {}) => ({
  apiVersion: 'kubevirt.io/v1',
  kind,
  name: 'web',
  uid,
  controller: true,
  ...more,
});

export const instanceUpdateExamples: ExampleTable = {
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
  'upd.agent-phase': {
    why: 'A VM is handed to the agent once and ends once.',
    old: { ...here, 'status.phase': 'Running' },
    user: AGENT,
    node: 'node-1',
    accepts: [
      { ...here, 'status.phase': 'Succeeded' },
      { ...here, 'status.phase': 'Failed' },
    ],
    refuses: [
      [{ ...here, 'status.phase': 'Scheduled' }, 'status.phase'],
      [here, 'status.phase'],
    ],
  },
  'upd.agent-fields': {
    why: 'A broken node must not be able to give a VM away, nor to act on what is not its own: by a finalizer, an owner, a pod.',
    old: agents({ activePods: { [POD]: 'node-1' }, interfaces: [address], conditions: [ready] }),
    user: AGENT,
    node: 'node-1',
    accepts: [
      agents({
        activePods: { [POD]: 'node-1' },
        phase: 'Running',
        machine: { type: 'q35' },
        interfaces: [{ ...address, mac: '02:00:00:00:00:01' }],
        conditions: [ready, { type: 'Paused', status: 'True' }],
      }),
    ],
    refuses: [
      [agents({ activePods: { other: 'node-1' }, interfaces: [address], conditions: [ready] }), 'status.activePods'],
      [
        agents({
          activePods: { [POD]: 'node-1' },
          interfaces: [{ ...address, ipAddress: '10.0.0.9' }],
          conditions: [ready],
        }),
        'status.interfaces',
      ],
      [agents({ activePods: { [POD]: 'node-1' }, interfaces: [address] }), 'status.conditions'],
      [
        agents({
          activePods: { [POD]: 'node-1' },
          interfaces: [address],
          conditions: [ready],
          evacuationNodeName: 'a',
        }),
        'status.evacuationNodeName',
      ],
      [
        {
          ...agents({ activePods: { [POD]: 'node-1' }, interfaces: [address], conditions: [ready] }),
          'metadata.finalizers': [],
        },
        'metadata.finalizers',
      ],
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
  'upd.max-sockets': {
    why: 'The guest was started with room for so many, and cannot be given more.',
    old: { 'spec.domain.cpu': { sockets: 1, maxSockets: 4 } },
    user: OURS,
    accepts: [{ 'spec.domain.cpu': { sockets: 2, maxSockets: 4 } }],
    refuses: [
      [{ 'spec.domain.cpu': { sockets: 2, maxSockets: 8 } }, 'spec.domain.cpu.maxSockets'],
      [{ 'spec.domain.cpu': undefined }, 'spec.domain.cpu.maxSockets'],
    ],
  },
  'upd.max-guest': {
    why: 'The guest was started with room for so much, and cannot be given more.',
    old: { 'spec.domain.memory': { guest: '1Gi', maxGuest: '4Gi' } },
    user: OURS,
    accepts: [
      { 'spec.domain.memory': { guest: '2Gi', maxGuest: '4Gi' } },
      { 'spec.domain.memory': { guest: '2Gi', maxGuest: '4096Mi' } },
      { 'spec.domain.memory': { guest: '2Gi' } },
    ],
    refuses: [
      [{ 'spec.domain.memory': { guest: '1Gi', maxGuest: '8Gi' } }, 'spec.domain.memory.maxGuest'],
      [{ 'spec.domain.memory': { guest: '2Gi', maxGuest: '2Gi' } }, 'spec.domain.memory.maxGuest'],
    ],
  },
  'upd.utility-gate': {
    old,
    user: OURS,
    accepts: [utility()],
    refuses: [
      [utility(backup), U],
      [utility({ name: '', claimName: '' }), U],
    ],
  },
  'upd.utility-name': {
    old,
    user: OURS,
    gates: ['UtilityVolumes'],
    accepts: [utility(backup)],
    refuses: [
      [utility({ name: '', claimName: 'a' }), `${U}[0].name`],
      [utility(backup, { name: '', claimName: 'a' }), `${U}[1].name`],
    ],
  },
  'upd.utility-dup': {
    old,
    user: OURS,
    gates: ['UtilityVolumes'],
    accepts: [utility(backup, { ...backup, name: 'other' })],
    refuses: [
      [utility({ name: 'data', claimName: 'a' }), `${U}[0].name`],
      [utility({ name: 'root', claimName: 'a' }), `${U}[0].name`],
    ],
  },
  'upd.utility-claim': {
    old,
    user: OURS,
    gates: ['UtilityVolumes'],
    accepts: [utility(backup)],
    refuses: [
      [utility({ name: 'a', claimName: '' }), `${U}[0].claimName`],
      [utility(backup, { name: 'a', claimName: '' }), `${U}[1].claimName`],
    ],
  },
  'upd.utility-permanent': {
    old: {
      ...utility(),
      'status.volumeStatus': [
        { name: 'tools', target: 'vdc' },
        { name: 'cd', target: 'sdb' },
      ],
    },
    user: OURS,
    gates: ['UtilityVolumes'],
    accepts: [utility(backup)],
    refuses: [
      [utility({ name: 'tools', claimName: 'a' }), `${U}[0].name`],
      [utility(backup, { name: 'cd', claimName: 'a' }), `${U}[1].name`],
    ],
  },
  'upd.utility-changed': {
    old: utility(backup),
    user: OURS,
    gates: ['UtilityVolumes'],
    accepts: [utility({ name: 'other', claimName: 'a' }, backup)],
    refuses: [
      [utility({ ...backup, claimName: 'other' }), `${U}[0].claimName`],
      [utility({ name: 'first', claimName: 'a' }, { ...backup, readOnly: true }), `${U}[1].readOnly`],
    ],
  },
  'upd.storage-count': {
    old,
    user: OURS,
    accepts: [
      running([disk('data'), disk('more')], [claim('data'), claim('more')]),
      running([disk('tray', { cdrom: {} })]),
    ],
    refuses: [
      [running([disk('data'), disk('more')], [claim('data')]), `${DISKS}[3].name`],
      [running([disk('data'), disk('data')], [claim('data')]), `${DISKS}[3].name`],
    ],
  },
  'upd.storage-perm-missing': {
    why: 'Only what was added while the VM runs can be removed while it runs.',
    old,
    user: OURS,
    accepts: [running()],
    refuses: [
      [{ ...old, [DISKS]: [start[0], disk('data')], [VOLUMES]: [startVolumes[0], claim('data')] }, VOLUMES],
      [{ ...old, [DISKS]: [start[1]], [VOLUMES]: [startVolumes[1]] }, VOLUMES],
    ],
  },
  'upd.storage-perm-changed': {
    why: 'The guest uses what it was started with.',
    old: { ...old, ...migrating },
    user: OURS,
    accepts: [{ ...old, ...migrating, [`${VOLUMES}[0].containerDisk.image`]: 'registry.example/disk:v2' }],
    refuses: [
      [
        { ...old, [`${VOLUMES}[0].containerDisk.image`]: 'registry.example/disk:v2' },
        `${VOLUMES}[0].containerDisk.image`,
      ],
      [
        { ...old, ...migrating, [`${VOLUMES}[1].cloudInitNoCloud.userData`]: 'x' },
        `${VOLUMES}[1].cloudInitNoCloud.userData`,
      ],
    ],
  },
  'upd.storage-perm-disk': {
    why: 'The guest uses what it was started with.',
    old,
    user: OURS,
    accepts: [running()],
    refuses: [
      [{ ...old, [`${DISKS}[0].disk.bus`]: 'scsi' }, `${DISKS}[0].disk.bus`],
      [{ ...old, [DISKS]: [start[0], disk('data')] }, DISKS],
    ],
  },
  'upd.storage-hot-changed': {
    old,
    user: OURS,
    accepts: [
      running([disk('data')], [claim('data', 'other')], { 'status.migratedVolumes': [{ volumeName: 'data' }] }),
    ],
    refuses: [
      [running([disk('data')], [claim('data', 'other')]), `${VOLUMES}[2].persistentVolumeClaim.claimName`],
      [running([disk('data')], [{ name: 'data', dataVolume: { name: 'data' } }]), `${VOLUMES}[2].dataVolume`],
    ],
  },
  'upd.storage-hot-disk': {
    old,
    user: OURS,
    accepts: [running([disk('data'), disk('b')], [claim('data'), claim('b')])],
    refuses: [
      [running([disk('data', { disk: { bus: 'virtio' } })], [claim('data')]), `${DISKS}[2].disk.bus`],
      [running([disk('data', { disk: { bus: 'scsi' }, serial: 'x' })], [claim('data')]), `${DISKS}[2].serial`],
    ],
  },
  'upd.storage-no-disk': {
    old,
    user: OURS,
    accepts: [running([disk('data')], [claim('data'), { name: 'dump', memoryDump: { claimName: 'dump' } }])],
    refuses: [
      [running([], [claim('data')]), `${VOLUMES}[2]`],
      [running([disk('data')], [claim('data'), claim('more')]), `${VOLUMES}[3]`],
    ],
  },
  'upd.storage-new-source': {
    old,
    user: OURS,
    accepts: [running([disk('data'), disk('b')], [claim('data'), { name: 'b', dataVolume: { name: 'b' } }])],
    refuses: [
      [
        running([disk('data'), disk('b')], [claim('data'), { name: 'b', emptyDisk: { capacity: '1Gi' } }]),
        `${VOLUMES}[3]`,
      ],
      [running([disk('data'), disk('b')], [claim('data'), { name: 'b' }]), `${VOLUMES}[3]`],
    ],
  },
  'upd.storage-new-config': {
    why: 'A controller for the disk must be there already: only the scsi controller and PCI ports are.',
    old,
    user: OURS,
    accepts: [running([disk('data'), disk('b', { disk: { bus: 'virtio' } })], [claim('data'), claim('b')])],
    refuses: [
      [
        running([disk('data'), disk('b', { disk: { bus: 'sata' } })], [claim('data'), claim('b')]),
        `${DISKS}[3].disk.bus`,
      ],
      [running([disk('data'), disk('b', { cdrom: { bus: 'scsi' } })], [claim('data'), claim('b')]), `${DISKS}[3]`],
    ],
  },
};
