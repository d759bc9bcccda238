import type { Change, ExampleTable } from '../rule/examples.js';
import { claim, disk, DISKS, running, start, startVolumes, VOLUMES } from './example-parts.js';

const OURS = 'system:serviceaccount:kubevirt:virt-controller';
const data = [[disk('data')], [claim('data')]] as const;
const old = running(...data);
const migrating: Change = { 'status.migratedVolumes': [{ volumeName: 'root' }] };

export const instanceStorageUpdateExamples: ExampleTable = {
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
      [running([disk('data', { disk: { bus: 'virtio' } })], [claim('data'), claim('data')]), `${DISKS}[2].disk.bus`],
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
