import { DEV, extra, root, type ExampleTable, V, volume } from '../rule/examples.js';

const data = { name: 'data', emptyDisk: { capacity: '2Gi' } };
/** The first disk alone, so that the list of volumes can be another. */
const oneDisk = { [`${DEV}.disks`]: [{ name: 'root', disk: { bus: 'virtio' } }] };
const filesystem = (name: string) => ({ [`${DEV}.filesystems`]: [{ name, virtiofs: {} }] });
const two = (first: object, second: object) => ({
  'spec.volumes': [
    { name: 'root', ...first },
    { name: 'init', ...second },
  ],
});
const serviceAccount = { serviceAccount: { serviceAccountName: 'deployer' } };
const memoryDump = { memoryDump: { claimName: 'dump' } };

export const volumesExamples: ExampleTable = {
  'disk.container-path': {
    why: 'A path with `..` would lead out of the image.',
    accepts: [{ [`${V}.containerDisk.path`]: '/disk/debian.img' }, { [`${V}.containerDisk.path`]: '/disk/a/' }],
    refuses: [
      [{ [`${V}.containerDisk.path`]: 'debian.img' }, `${V}.containerDisk.path`],
      [{ [`${V}.containerDisk.path`]: '/' }, `${V}.containerDisk.path`],
      [{ [`${V}.containerDisk.path`]: '/disk/../a' }, `${V}.containerDisk.path`],
    ],
  },
  'vol.name-unique': {
    accepts: [{ ...oneDisk, 'spec.volumes': [root, data] }],
    refuses: [
      [{ ...oneDisk, 'spec.volumes': [root, { ...data, name: 'root' }] }, 'spec.volumes[1].name'],
      [{ 'spec.volumes[2]': root }, 'spec.volumes[2].name'],
    ],
  },
  'vol.name-label': {
    why: 'The name becomes that of a volume of the pod. That of a disk is checked by `disk.name-label`.',
    accepts: [
      { [V]: { name: 'settings', configMap: { name: 'web' } }, ...filesystem('settings'), [`${DEV}.disks`]: [] },
    ],
    refuses: [
      [
        { [V]: { name: 'Settings', configMap: { name: 'web' } }, ...filesystem('Settings'), [`${DEV}.disks`]: [] },
        `${V}.name`,
      ],
      [
        { 'spec.volumes[2]': { name: 'X', memoryDump: { claimName: 'c' } }, ...filesystem('X') },
        'spec.volumes[2].name',
      ],
    ],
  },
  'vol.one-source': {
    accepts: [{ [V]: root }],
    refuses: [
      [{ [V]: { ...root, emptyDisk: { capacity: '1Gi' } } }, V],
      [{ [V]: { name: 'root' } }, V],
    ],
  },
  'vol.dv-name': {
    accepts: [volume({ dataVolume: { name: 'debian' } })],
    refuses: [
      [volume({ dataVolume: { name: '' } }), `${V}.dataVolume.name`],
      [extra({ dataVolume: { name: '' } }), 'spec.volumes[2].dataVolume.name'],
    ],
  },
  'vol.claim-name': {
    why: 'Kubernetes would refuse the pod, and the VM could not start.',
    accepts: [volume({ persistentVolumeClaim: { claimName: 'debian' } })],
    refuses: [
      [volume({ persistentVolumeClaim: { claimName: '' } }), `${V}.persistentVolumeClaim.claimName`],
      [extra({ persistentVolumeClaim: { claimName: '' } }), 'spec.volumes[2].persistentVolumeClaim.claimName'],
    ],
  },
  'vol.container-image': {
    why: 'Kubernetes would refuse the pod, and the VM could not start.',
    accepts: [{ [`${V}.containerDisk.image`]: 'registry.example/disk:v1' }],
    refuses: [
      [{ [`${V}.containerDisk.image`]: '' }, `${V}.containerDisk.image`],
      [{ [`${V}.containerDisk.image`]: ' ' }, `${V}.containerDisk.image`],
    ],
  },
  'vol.image-reference': {
    why: 'The kubelet would not even try to pull it, and the VM could not start. A DataVolume wants `docker://`; an image has none.',
    accepts: [
      { [`${V}.containerDisk.image`]: 'quay.io/containerdisks/fedora:latest' },
      { [`${V}.containerDisk.image`]: 'localhost:5000/a/b__c-d:V1' },
      { [`${V}.containerDisk.image`]: `debian@sha256:${'0a'.repeat(32)}` },
    ],
    refuses: [
      [{ [`${V}.containerDisk.image`]: 'docker://quay.io/containerdisks/fedora:latest' }, `${V}.containerDisk.image`],
      [{ [`${V}.containerDisk.image`]: 'https://quay.io/fedora' }, `${V}.containerDisk.image`],
      [{ [`${V}.containerDisk.image`]: 'quay.io/Fedora' }, `${V}.containerDisk.image`],
      [{ [`${V}.containerDisk.image`]: 'quay.io/fedora latest' }, `${V}.containerDisk.image`],
      [{ [`${V}.containerDisk.image`]: 'quay.io/fedora:' }, `${V}.containerDisk.image`],
      [{ [`${V}.containerDisk.image`]: 'fedora@sha256:0a' }, `${V}.containerDisk.image`],
    ],
  },
  'vol.configmap-name': {
    accepts: [volume({ configMap: { name: 'settings' } })],
    refuses: [
      [volume({ configMap: { name: '' } }), `${V}.configMap.name`],
      [extra({ configMap: {} }), 'spec.volumes[2].configMap.name'],
    ],
  },
  'vol.secret-name': {
    accepts: [volume({ secret: { secretName: 'keys' } })],
    refuses: [
      [volume({ secret: { secretName: '' } }), `${V}.secret.secretName`],
      [extra({ secret: {} }), 'spec.volumes[2].secret.secretName'],
    ],
  },
  'vol.sa-name': {
    accepts: [volume(serviceAccount)],
    refuses: [
      [volume({ serviceAccount: { serviceAccountName: '' } }), `${V}.serviceAccount.serviceAccountName`],
      [extra({ serviceAccount: {} }), 'spec.volumes[2].serviceAccount.serviceAccountName'],
    ],
  },
  'vol.dm-gate': {
    why: 'The guest would see figures of its node.',
    accepts: [{ [V]: root }],
    refuses: [
      [volume({ downwardMetrics: {} }), `${V}.downwardMetrics`],
      [extra({ downwardMetrics: {} }), 'spec.volumes[2].downwardMetrics'],
    ],
  },
  'vol.sa-max': {
    why: 'A pod has one service account.',
    accepts: [two(serviceAccount, { emptyDisk: { capacity: '2Gi' } })],
    refuses: [
      [two(serviceAccount, serviceAccount), 'spec.volumes'],
      [{ ...volume(serviceAccount), ...extra(serviceAccount) }, 'spec.volumes'],
    ],
  },
  'vol.dm-max': {
    gates: ['DownwardMetrics'],
    accepts: [two({ downwardMetrics: {} }, { emptyDisk: { capacity: '2Gi' } })],
    refuses: [
      [two({ downwardMetrics: {} }, { downwardMetrics: {} }), 'spec.volumes'],
      [
        {
          ...two({ downwardMetrics: {} }, { downwardMetrics: {} }),
          [`${DEV}.disks[2]`]: { name: 'x', disk: { bus: 'virtio' } },
          ...extra({ downwardMetrics: {} }),
        },
        'spec.volumes',
      ],
    ],
  },
  'vol.memdump-max': {
    accepts: [two(memoryDump, { emptyDisk: { capacity: '2Gi' } })],
    refuses: [
      [two(memoryDump, memoryDump), 'spec.volumes'],
      [{ ...volume(memoryDump), ...extra(memoryDump) }, 'spec.volumes'],
    ],
  },
  'vol.utility-on-create': {
    accepts: [{ 'spec.utilityVolumes': [] }],
    refuses: [
      [{ 'spec.utilityVolumes': [{ name: 'backup', claimName: 'backup' }] }, 'spec.utilityVolumes'],
      [{ 'spec.utilityVolumes': [{ name: 'export', claimName: 'export', type: 'Export' }] }, 'spec.utilityVolumes'],
    ],
  },
};
