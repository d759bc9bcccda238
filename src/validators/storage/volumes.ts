import type { Volume } from '../../api/schema/volumes.js';
import type { VolumeSourceKind } from '../../api/vmi/volume-source.js';
import { SOURCE_KINDS, VOLUME_SOURCES, type SingleSource } from '../../api/vmi/volume-sources.js';
import { imagePathProblem } from '../rule/image-path.js';
import { findNamed, hasNamed, positionOf } from '../rule/lookup.js';
import { isVolumeName, VOLUME_NAME_REMEDY } from '../rule/names.js';
import { unitsOf } from '../rule/quantities.js';
import {
  because,
  inEach,
  instanceRule,
  invalid,
  notFound,
  NOTHING,
  required,
  show,
  type Finding,
  type InstanceSubject,
  type Rule,
} from '../rule/rule.js';

const KNOWN: ReadonlySet<string> = new Set(['name', ...SOURCE_KINDS]);

/** The sources that a volume has; a right one has one. */
export const sourcesOf = (volume: Volume): readonly VolumeSourceKind[] =>
  SOURCE_KINDS.filter((source) => volume[source]);

const volumeRule = (
  id: string,
  field: string,
  source: string,
  summary: string,
  check: (volume: Volume, path: string, subject: InstanceSubject, index: number) => readonly Finding[],
): Rule<InstanceSubject> =>
  instanceRule(id, `$.volumes[]${field}`, source, summary, (subject) =>
    inEach(subject.spec.volumes, `${subject.path}.volumes`, (volume, path, index) =>
      check(volume, path, subject, index),
    ),
  );

/** At most one volume of a kind that exists once in a VM. */
const singleRule = (id: string, source: SingleSource) =>
  instanceRule(id, '$.volumes', '§6.8', `more than one volume of type ${source}`, ({ path, spec }) => {
    const places = (spec.volumes ?? []).flatMap((volume, i) => (volume[source] ? [i] : []));
    return places.length <= 1
      ? []
      : because(`${path}.volumes[${places[0] ?? 0}].${source}`, [
          invalid(
            `${path}.volumes`,
            `${places.length} volumes are of type ${source}, and a VM has at most one: keep one`,
          ),
        ]);
  });

const SINGLE_RULES = Object.values({
  serviceAccount: singleRule('vol.sa-max', 'serviceAccount'),
  downwardMetrics: singleRule('vol.dm-max', 'downwardMetrics'),
  memoryDump: singleRule('vol.memdump-max', 'memoryDump'),
} satisfies Record<SingleSource, Rule<InstanceSubject>>);

const containerDiskPath: Rule<InstanceSubject> = volumeRule(
  'disk.container-path',
  '.containerDisk.path',
  '§6.7 (disk.container-path-root, disk.container-path-form)',
  'a path in the image of a containerDisk that is relative or is not a file',
  ({ containerDisk }, path) => {
    const inImage = containerDisk?.path;
    const problem = inImage ? imagePathProblem(inImage, '/disk/disk.img') : undefined;
    return problem === undefined ? [] : [invalid(`${path}.containerDisk.path`, problem)];
  },
);

export const volumeRules = [
  volumeRule('vol.name-unique', '.name', '§6.8', 'two volumes of the same name', ({ name }, path, subject, index) => {
    const first = positionOf(subject, subject.spec.volumes, name);
    return first === index
      ? []
      : [invalid(`${path}.name`, `${show(name)} is also the name of volumes[${first}]: give each volume its own name`)];
  }),
  volumeRule(
    'vol.name-label',
    '.name',
    'this project',
    'a volume name that is neither a DNS label nor one with `_`',
    ({ name }, path, subject) =>
      // A disk of the same name is reported by disk.name-label: one mistake, one cause.
      isVolumeName(name) || hasNamed(subject, subject.spec.domain.devices.disks, name)
        ? []
        : [invalid(`${path}.name`, `${show(name)} cannot be the name of a volume: ${VOLUME_NAME_REMEDY}`)],
  ),
  volumeRule('vol.one-source', '', '§6.8', 'a volume with no source, or with several', (volume, path) => {
    const sources = sourcesOf(volume);
    if (sources.length === 1) return [];
    // A source whose name is wrong is an unknown field, which the schema tells of.
    if (sources.length === 0 && Object.keys(volume).some((key) => !KNOWN.has(key))) return [];
    return [
      sources.length === 0
        ? invalid(
            path,
            `volume ${show(volume.name)} has no source: write one, such as containerDisk or persistentVolumeClaim`,
          )
        : invalid(path, `volume ${show(volume.name)} has ${sources.length} sources (${sources.join(', ')}): keep one`),
    ];
  }),
  volumeRule('vol.dv-name', '.dataVolume.name', '§6.8', 'a dataVolume without a name', ({ dataVolume }, path) =>
    dataVolume && !dataVolume.name
      ? [required(`${path}.dataVolume.name`, 'is empty: write the name of the DataVolume')]
      : [],
  ),
  volumeRule(
    'vol.claim-name',
    '.persistentVolumeClaim.claimName',
    'this project',
    'a persistentVolumeClaim without the name of the claim',
    (volume, path) =>
      volume.persistentVolumeClaim && !volume.persistentVolumeClaim.claimName
        ? [required(`${path}.persistentVolumeClaim.claimName`, 'is empty: write the name of the PersistentVolumeClaim')]
        : [],
  ),
  volumeRule(
    'vol.container-image',
    '.containerDisk.image',
    'this project',
    'a containerDisk without an image',
    ({ containerDisk }, path) =>
      containerDisk && containerDisk.image.trim() === ''
        ? [
            required(
              `${path}.containerDisk.image`,
              'is empty: write the image that holds the disk, such as "registry.example/disk:v1"',
            ),
          ]
        : [],
  ),
  containerDiskPath,
  volumeRule(
    'vol.hostdisk-gate',
    '.hostDisk',
    '§6.8',
    'a hostDisk while its feature gate is off',
    ({ hostDisk }, path, { config }) =>
      hostDisk && !config.hasFeatureGate('HostDisk')
        ? [
            invalid(
              `${path}.hostDisk`,
              'needs the feature gate HostDisk, which is off: use a persistentVolumeClaim, or enable the gate in the KubeVirt object',
            ),
          ]
        : [],
  ),
  volumeRule('vol.hostdisk-path', '.hostDisk.path', '§6.8', 'a hostDisk without a path', ({ hostDisk }, path) =>
    hostDisk && !hostDisk.path
      ? [notFound(`${path}.hostDisk.path`, 'is empty: write the path of the image on the node')]
      : [],
  ),
  volumeRule(
    'vol.hostdisk-type',
    '.hostDisk.type',
    '§6.8',
    'a type of hostDisk that does not exist',
    ({ hostDisk }, path) =>
      hostDisk && !['Disk', 'DiskOrCreate'].includes(hostDisk.type)
        ? [
            invalid(
              `${path}.hostDisk.type`,
              `${show(hostDisk.type)} is not a type: write Disk for an image that exists, or DiskOrCreate`,
            ),
          ]
        : [],
  ),
  volumeRule(
    'vol.hostdisk-capacity',
    '.hostDisk.capacity',
    '§6.8',
    'a capacity of a hostDisk that exists already',
    ({ hostDisk }, path) =>
      hostDisk?.type === 'Disk' && unitsOf(hostDisk.capacity) !== 0n
        ? [
            invalid(
              `${path}.hostDisk.capacity`,
              `is ${show(hostDisk.capacity)}, and an image of type Disk has its size already: remove it, or write type: DiskOrCreate`,
            ),
          ]
        : [],
  ),
  volumeRule(
    'vol.configmap-name',
    '.configMap.name',
    '§6.8',
    'a configMap volume without a name',
    ({ configMap }, path) =>
      configMap && !configMap.name
        ? [invalid(`${path}.configMap.name`, 'is empty: write the name of the ConfigMap')]
        : [],
  ),
  volumeRule('vol.secret-name', '.secret.secretName', '§6.8', 'a secret volume without a name', ({ secret }, path) =>
    secret && !secret.secretName
      ? [invalid(`${path}.secret.secretName`, 'is empty: write the name of the Secret')]
      : [],
  ),
  volumeRule(
    'vol.sa-name',
    '.serviceAccount.serviceAccountName',
    '§6.8',
    'a serviceAccount volume without a name',
    ({ serviceAccount }, path) =>
      serviceAccount && !serviceAccount.serviceAccountName
        ? [invalid(`${path}.serviceAccount.serviceAccountName`, 'is empty: write the name of the ServiceAccount')]
        : [],
  ),
  volumeRule(
    'vol.dm-gate',
    '.downwardMetrics',
    '§6.8',
    'a downwardMetrics volume while its feature gate is off',
    ({ downwardMetrics }, path, { config }) =>
      downwardMetrics && !config.hasFeatureGate('DownwardMetrics')
        ? [
            invalid(
              `${path}.downwardMetrics`,
              'needs the feature gate DownwardMetrics, which is off: remove the volume, or enable the gate in the KubeVirt object',
            ),
          ]
        : [],
  ),
  ...SINGLE_RULES,
  instanceRule(
    'vol.utility-on-create',
    '$.utilityVolumes',
    '§6.7',
    'utility volumes in a manifest',
    ({ path, spec }) =>
      spec.utilityVolumes === undefined
        ? []
        : [
            invalid(
              `${path}.utilityVolumes`,
              'utility volumes are added to a VM that runs, and cannot be in its manifest: remove the field',
            ),
          ],
  ),
  volumeRule(
    'map.volume-unused',
    '.name',
    '§7.2',
    'a volume that no disk and no filesystem names',
    (volume, path, subject) => {
      const { name } = volume;
      const { disks, filesystems } = subject.spec.domain.devices;
      if (sourcesOf(volume).some((source) => VOLUME_SOURCES[source].targets.length === 0)) return NOTHING;
      // A name that no volume may have, or that another one has, is refused by vol.name-label and vol.name-unique.
      if (!isVolumeName(name) || findNamed(subject, subject.spec.volumes, name) !== volume) return NOTHING;
      if (hasNamed(subject, disks, name) || hasNamed(subject, filesystems, name)) return NOTHING;
      return [
        invalid(
          `${path}.name`,
          `no disk and no filesystem is named ${show(name)}: add one to domain.devices, or remove the volume`,
        ),
      ];
    },
  ),
  volumeRule(
    'map.containerpath',
    '.containerPath',
    '§7.2 (map.containerpath-disk, map.containerpath-fs)',
    'a containerPath volume that is not a filesystem',
    ({ name, containerPath }, path, subject) => {
      if (!containerPath) return NOTHING;
      const { disks, filesystems } = subject.spec.domain.devices;
      return hasNamed(subject, filesystems, name) && !hasNamed(subject, disks, name)
        ? []
        : [
            invalid(
              `${path}.containerPath`,
              `is a directory and not a disk: add name ${show(name)} to domain.devices.filesystems, and no disk of that name`,
            ),
          ];
    },
  ),
  volumeRule(
    'map.containerpath-reserved',
    '.containerPath.path',
    '§7.2',
    'a containerPath in the directories of the launcher itself',
    ({ containerPath }, path) =>
      ['/var/run/kubevirt', '/var/run/libvirt'].some((prefix) => containerPath?.path.startsWith(prefix))
        ? [
            invalid(
              `${path}.containerPath.path`,
              `${show(containerPath?.path)} is in a directory of the launcher itself: write another`,
            ),
          ]
        : [],
  ),
];
