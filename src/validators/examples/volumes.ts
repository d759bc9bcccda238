import { DEV, V, root, extra, type ExampleTable } from './shared.js';

export const volumesExamples: ExampleTable = {
  'vol.name-unique': {
    accepts: [{}],
    refuses: [
      [{ 'spec.volumes[2]': root }, 'spec.volumes[2].name'],
      [{ 'spec.volumes[1].name': 'root' }, 'spec.volumes[1].name'],
    ],
  },
  'vol.name-label': {
    accepts: [extra({ emptyDisk: { capacity: '1Gi' } })],
    refuses: [
      [
        {
          'spec.volumes[2]': { name: 'X', memoryDump: { claimName: 'c' } },
          [`${DEV}.filesystems`]: [{ name: 'X', virtiofs: {} }],
        },
        'spec.volumes[2].name',
      ],
      [
        {
          'spec.volumes[2]': { name: 'a.b', configMap: { name: 'c' } },
          [`${DEV}.filesystems`]: [{ name: 'a.b', virtiofs: {} }],
        },
        'spec.volumes[2].name',
      ],
    ],
  },
  'vol.one-source': {
    accepts: [{}],
    refuses: [
      [{ [V]: { name: 'root' } }, V],
      [{ [V]: { ...root, emptyDisk: { capacity: '1Gi' } } }, V],
    ],
  },
  'vol.dv-name': {
    accepts: [extra({ dataVolume: { name: 'd' } })],
    refuses: [
      [extra({ dataVolume: { name: '' } }), 'spec.volumes[2].dataVolume.name'],
      [{ [V]: { name: 'root', dataVolume: { name: '' } } }, `${V}.dataVolume.name`],
    ],
  },
  'vol.claim-name': {
    accepts: [extra({ persistentVolumeClaim: { claimName: 'c' } })],
    refuses: [
      [extra({ persistentVolumeClaim: { claimName: '' } }), 'spec.volumes[2].persistentVolumeClaim.claimName'],
      [{ [V]: { name: 'root', persistentVolumeClaim: { claimName: '' } } }, `${V}.persistentVolumeClaim.claimName`],
    ],
  },
  'vol.container-image': {
    accepts: [{}],
    refuses: [
      [{ [`${V}.containerDisk.image`]: '' }, `${V}.containerDisk.image`],
      [{ [`${V}.containerDisk.image`]: ' ' }, `${V}.containerDisk.image`],
    ],
  },
  'vol.hostdisk-gate': {
    accepts: [{}],
    refuses: [
      [extra({ hostDisk: { path: '/a', type: 'Disk' } }), 'spec.volumes[2].hostDisk'],
      [{ [V]: { name: 'root', hostDisk: { path: '/a', type: 'DiskOrCreate' } } }, `${V}.hostDisk`],
    ],
  },
  'vol.hostdisk-path': {
    gates: ['HostDisk'],
    accepts: [extra({ hostDisk: { path: '/a', type: 'Disk' } })],
    refuses: [
      [extra({ hostDisk: { path: '', type: 'Disk' } }), 'spec.volumes[2].hostDisk.path'],
      [{ [V]: { name: 'root', hostDisk: { path: '', type: 'Disk' } } }, `${V}.hostDisk.path`],
    ],
  },
  'vol.hostdisk-type': {
    gates: ['HostDisk'],
    accepts: [extra({ hostDisk: { path: '/a', type: 'DiskOrCreate', capacity: '1Gi' } })],
    refuses: [
      [extra({ hostDisk: { path: '/a', type: 'disk' } }), 'spec.volumes[2].hostDisk.type'],
      [extra({ hostDisk: { path: '/a', type: '' } }), 'spec.volumes[2].hostDisk.type'],
    ],
  },
  'vol.hostdisk-capacity': {
    gates: ['HostDisk'],
    accepts: [extra({ hostDisk: { path: '/a', type: 'Disk', capacity: '0' } })],
    refuses: [
      [extra({ hostDisk: { path: '/a', type: 'Disk', capacity: '1' } }), 'spec.volumes[2].hostDisk.capacity'],
      [extra({ hostDisk: { path: '/a', type: 'Disk', capacity: '1Gi' } }), 'spec.volumes[2].hostDisk.capacity'],
    ],
  },
  'vol.configmap-name': {
    accepts: [extra({ configMap: { name: 'c' } })],
    refuses: [
      [extra({ configMap: {} }), 'spec.volumes[2].configMap.name'],
      [extra({ configMap: { name: '' } }), 'spec.volumes[2].configMap.name'],
    ],
  },
  'vol.secret-name': {
    accepts: [extra({ secret: { secretName: 's' } })],
    refuses: [
      [extra({ secret: {} }), 'spec.volumes[2].secret.secretName'],
      [extra({ secret: { secretName: '' } }), 'spec.volumes[2].secret.secretName'],
    ],
  },
  'vol.sa-name': {
    accepts: [extra({ serviceAccount: { serviceAccountName: 's' } })],
    refuses: [
      [extra({ serviceAccount: {} }), 'spec.volumes[2].serviceAccount.serviceAccountName'],
      [extra({ serviceAccount: { serviceAccountName: '' } }), 'spec.volumes[2].serviceAccount.serviceAccountName'],
    ],
  },
  'vol.dm-gate': {
    accepts: [{}],
    refuses: [
      [extra({ downwardMetrics: {} }), 'spec.volumes[2].downwardMetrics'],
      [{ [V]: { name: 'root', downwardMetrics: {} } }, `${V}.downwardMetrics`],
    ],
  },
  'vol.sa-max': {
    accepts: [extra({ serviceAccount: { serviceAccountName: 's' } })],
    refuses: [
      [
        {
          ...extra({ serviceAccount: { serviceAccountName: 's' } }),
          [V]: { name: 'root', serviceAccount: { serviceAccountName: 's' } },
        },
        'spec.volumes',
      ],
      [{ ...extra({ serviceAccount: {} }), [V]: { name: 'root', serviceAccount: {} } }, 'spec.volumes'],
    ],
  },
  'vol.dm-max': {
    accepts: [extra({ downwardMetrics: {} })],
    refuses: [
      [{ ...extra({ downwardMetrics: {} }), [V]: { name: 'root', downwardMetrics: {} } }, 'spec.volumes'],
      [{ ...extra({ downwardMetrics: {} }), 'spec.volumes[1]': { name: 'init', downwardMetrics: {} } }, 'spec.volumes'],
    ],
  },
  'vol.memdump-max': {
    accepts: [extra({ memoryDump: { claimName: 'a' } })],
    refuses: [
      [
        { ...extra({ memoryDump: { claimName: 'a' } }), [V]: { name: 'root', memoryDump: { claimName: 'a' } } },
        'spec.volumes',
      ],
      [
        {
          ...extra({ memoryDump: { claimName: 'a' } }),
          'spec.volumes[1]': { name: 'init', memoryDump: { claimName: 'b' } },
        },
        'spec.volumes',
      ],
    ],
  },
  'vol.utility-on-create': {
    accepts: [{}],
    refuses: [
      [{ 'spec.utilityVolumes': [] }, 'spec.utilityVolumes'],
      [{ 'spec.utilityVolumes': [{ name: 'u', claimName: 'c' }] }, 'spec.utilityVolumes'],
    ],
  },
  'map.containerpath': {
    accepts: [{ ...extra({ containerPath: { path: '/a' } }), [`${DEV}.filesystems`]: [{ name: 'x', virtiofs: {} }] }],
    refuses: [
      [extra({ containerPath: { path: '/a' } }), 'spec.volumes[2].containerPath'],
      [{ [V]: { name: 'root', containerPath: { path: '/b' } } }, `${V}.containerPath`],
      [
        {
          ...extra({ containerPath: { path: '/a' } }),
          [`${DEV}.filesystems`]: [{ name: 'x', virtiofs: {} }],
          [`${DEV}.disks[2]`]: { name: 'x', disk: { bus: 'virtio' } },
        },
        'spec.volumes[2].containerPath',
      ],
    ],
  },
  'map.containerpath-reserved': {
    accepts: [extra({ containerPath: { path: '/var/run/other' } })],
    refuses: [
      [extra({ containerPath: { path: '/var/run/kubevirt' } }), 'spec.volumes[2].containerPath.path'],
      [extra({ containerPath: { path: '/var/run/libvirt/x' } }), 'spec.volumes[2].containerPath.path'],
    ],
  },
};
