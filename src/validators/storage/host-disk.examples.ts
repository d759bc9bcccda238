import { extra, type ExampleTable, V, volume } from '../rule/examples.js';

export const hostDiskExamples: ExampleTable = {
  'vol.hostdisk-gate': {
    why: 'A hostDisk reads and writes a file of the node, whoever it belongs to.',
    accepts: [volume({ persistentVolumeClaim: { claimName: 'debian' } })],
    refuses: [
      [volume({ hostDisk: { path: '/data/disk.img', type: 'Disk' } }), `${V}.hostDisk`],
      [extra({ hostDisk: { path: '/a', type: 'DiskOrCreate' } }), 'spec.volumes[2].hostDisk'],
    ],
  },
  'vol.hostdisk-path': {
    gates: ['HostDisk'],
    accepts: [volume({ hostDisk: { path: '/data/disk.img', type: 'Disk' } })],
    refuses: [
      [volume({ hostDisk: { path: '', type: 'Disk' } }), `${V}.hostDisk.path`],
      [extra({ hostDisk: { path: '', type: 'Disk' } }), 'spec.volumes[2].hostDisk.path'],
    ],
  },
  'vol.hostdisk-type': {
    gates: ['HostDisk'],
    accepts: [
      volume({ hostDisk: { path: '/data/disk.img', type: 'Disk' } }),
      extra({ hostDisk: { path: '/a', type: 'DiskOrCreate', capacity: '1Gi' } }),
    ],
    refuses: [
      [volume({ hostDisk: { path: '/data/disk.img', type: 'File' } }), `${V}.hostDisk.type`],
      [extra({ hostDisk: { path: '/a', type: 'disk' } }), 'spec.volumes[2].hostDisk.type'],
    ],
  },
  'vol.hostdisk-capacity': {
    gates: ['HostDisk'],
    accepts: [
      volume({ hostDisk: { path: '/data/disk.img', type: 'DiskOrCreate', capacity: '1Gi' } }),
      volume({ hostDisk: { path: '/a', type: 'Disk', capacity: '0' } }),
    ],
    refuses: [
      [volume({ hostDisk: { path: '/data/disk.img', type: 'Disk', capacity: '1Gi' } }), `${V}.hostDisk.capacity`],
      [extra({ hostDisk: { path: '/a', type: 'Disk', capacity: '1' } }), 'spec.volumes[2].hostDisk.capacity'],
    ],
  },
};
