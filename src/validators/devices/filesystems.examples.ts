import { DEV, type Change, type ExampleTable } from '../rule/examples.js';

const F = `${DEV}.filesystems`;
const NAME = `${F}[0].name`;
/** A volume of this name, shared with the guest. */
const shared = (source: object, name = 'x'): Change => ({
  [F]: [{ name, virtiofs: {} }],
  'spec.volumes[2]': { name, ...source },
});
const map = { configMap: { name: 'c' } };
const claim = { persistentVolumeClaim: { claimName: 'c' } };
const disk: Change = { [`${DEV}.disks[2]`]: { name: 'x', disk: { bus: 'virtio' } } };
/** Another volume, which is a disk. */
const diskOf = (source: object): Change => ({
  [`${DEV}.disks[2]`]: { name: 'y', disk: { bus: 'virtio' } },
  'spec.volumes[3]': { name: 'y', ...source },
});
const LONGEST = 'a'.repeat(36);

export const filesystemsExamples = {
  'fs.storage-gate': {
    accepts: [{ ...disk, 'spec.volumes[2]': { name: 'x', ...claim } }, shared(map)],
    refuses: [
      [shared(claim), `${F}[0]`],
      [shared({ dataVolume: { name: 'd' } }), `${F}[0]`],
    ],
  },
  'fs.name-unique': {
    accepts: [shared(map)],
    refuses: [
      [
        {
          ...shared(map),
          [F]: [
            { name: 'x', virtiofs: {} },
            { name: 'x', virtiofs: {} },
          ],
        },
        `${F}[1].name`,
      ],
      [
        {
          ...shared(map),
          [F]: [
            { name: 'x', virtiofs: {} },
            { name: 'init', virtiofs: {} },
            { name: 'x', virtiofs: {} },
          ],
        },
        `${F}[2].name`,
        ['fs.source'],
      ],
    ],
  },
  'fs.no-volume': {
    accepts: [shared({ downwardAPI: { fields: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }] } })],
    refuses: [
      [{ [F]: [{ name: 'x', virtiofs: {} }] }, NAME],
      [{ [F]: [{ name: '', virtiofs: {} }] }, NAME],
    ],
  },
  'fs.source': {
    accepts: [shared({ secret: { secretName: 's' } }), shared({ serviceAccount: { serviceAccountName: 'robot' } })],
    refuses: [
      [{ [F]: [{ name: 'root', virtiofs: {} }] }, NAME],
      [shared({ emptyDisk: { capacity: '1Gi' } }), NAME],
      [shared({ cloudInitNoCloud: { userData: '#cloud-config' } }), NAME],
    ],
  },
  'fs.also-disk': {
    gates: ['EnableVirtioFsStorageVolumes'],
    accepts: [
      shared(claim),
      { ...shared(map), ...disk },
      { ...shared(claim), ...diskOf({ persistentVolumeClaim: { claimName: 'd' } }) },
    ],
    refuses: [
      [{ ...shared(claim), ...disk }, NAME],
      [{ ...shared(claim), ...diskOf(claim) }, NAME],
      [{ ...shared(claim), ...diskOf({ dataVolume: { name: 'c' } }) }, NAME],
      [{ ...shared(claim), ...diskOf({ ephemeral: claim }) }, NAME],
      [{ ...shared({ dataVolume: { name: 'd' } }), ...disk }, NAME],
    ],
  },
  'fs.name-length': {
    accepts: [shared(map, LONGEST)],
    refuses: [
      [shared(map, `${LONGEST}a`), NAME],
      [shared({ secret: { secretName: 's' } }, 'a'.repeat(63)), NAME],
    ],
  },
} satisfies ExampleTable;
