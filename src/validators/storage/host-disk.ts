import { unitsOf } from '../rule/quantities.js';
import { invalid, notFound } from '../rule/finding.js';
import { VOLUMES } from '../rule/lists.js';
import { rulesOn } from '../rule/rule.js';
import { show } from '../rule/wording.js';

const volumeRule = rulesOn({ ...VOLUMES, source: '§6.8' });

/** Images on the node's own file system. */
export const hostDiskRules = [
  volumeRule({
    id: 'vol.hostdisk-gate',
    field: '.hostDisk',
    summary: 'a hostDisk while its feature gate is off',
    check: ({ hostDisk }, path, { config }) =>
      hostDisk && !config.hasFeatureGate('HostDisk')
        ? [
            invalid(
              `${path}.hostDisk`,
              'needs the feature gate HostDisk, which is off: use a persistentVolumeClaim, or enable the gate in the KubeVirt object',
            ),
          ]
        : [],
  }),
  volumeRule({
    id: 'vol.hostdisk-path',
    field: '.hostDisk.path',
    summary: 'a hostDisk without a path',
    check: ({ hostDisk }, path) =>
      hostDisk && !hostDisk.path
        ? [notFound(`${path}.hostDisk.path`, 'is empty: write the path of the image on the node')]
        : [],
  }),
  volumeRule({
    id: 'vol.hostdisk-type',
    field: '.hostDisk.type',
    summary: 'a type of hostDisk that does not exist',
    check: ({ hostDisk }, path) =>
      hostDisk && !['Disk', 'DiskOrCreate'].includes(hostDisk.type)
        ? [
            invalid(
              `${path}.hostDisk.type`,
              `${show(hostDisk.type)} is not a type: write Disk for an image that exists, or DiskOrCreate`,
            ),
          ]
        : [],
  }),
  volumeRule({
    id: 'vol.hostdisk-capacity',
    field: '.hostDisk.capacity',
    summary: 'a capacity of a hostDisk that exists already',
    check: ({ hostDisk }, path) =>
      hostDisk?.type === 'Disk' && unitsOf(hostDisk.capacity) !== 0n
        ? [
            invalid(
              `${path}.hostDisk.capacity`,
              `is ${show(hostDisk.capacity)}, and an image of type Disk has its size already: remove it, or write type: DiskOrCreate`,
            ),
          ]
        : [],
  }),
];
