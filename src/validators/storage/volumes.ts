import { asksForNothing } from '../../api/settings/asks.js';
import type { Volume } from '../../api/schema/volumes.js';
import type { VolumeSourceKind } from '../../api/vmi/volume-source.js';
import { SOURCE_KINDS, type SingleSource } from '../../api/vmi/volume-sources.js';
import { imagePathProblem } from '../rule/image-path.js';
import { imageReferenceProblem } from '../rule/image-reference.js';
import { hasNamed, positionOf } from '../rule/lookup.js';
import { isVolumeName, VOLUME_NAME_REMEDY } from '../rule/names.js';
import { because, invalid, required } from '../rule/finding.js';
import { VOLUMES } from '../rule/lists.js';
import { instanceRule, rulesOn, type Rule } from '../rule/rule.js';
import type { InstanceSubject } from '../rule/subject.js';
import { show } from '../rule/wording.js';

import { hostDiskRules } from './host-disk.js';

const KNOWN: ReadonlySet<string> = new Set(['name', ...SOURCE_KINDS]);

/** The sources that a volume has; a right one has one. */
export const sourcesOf = (volume: Volume): readonly VolumeSourceKind[] =>
  SOURCE_KINDS.filter((source) => volume[source]);

const volumeRule = rulesOn({ ...VOLUMES, source: '§6.8' });

/** At most one volume of a kind that exists once in a VM. */
const singleRule = (id: string, source: SingleSource) =>
  instanceRule({
    id,
    field: '$.volumes',
    source: '§6.8',
    summary: `more than one volume of type ${source}`,
    check: ({ path, spec }) => {
      const places = (spec.volumes ?? []).flatMap((volume, i) => (volume[source] ? [i] : []));
      return places.length <= 1
        ? []
        : because(`${path}.volumes[${places[0] ?? 0}].${source}`, [
            invalid(
              `${path}.volumes`,
              `${places.length} volumes are of type ${source}, and a VM has at most one: keep one`,
            ),
          ]);
    },
  });

const SINGLE_RULES = Object.values({
  serviceAccount: singleRule('vol.sa-max', 'serviceAccount'),
  downwardMetrics: singleRule('vol.dm-max', 'downwardMetrics'),
  memoryDump: singleRule('vol.memdump-max', 'memoryDump'),
} satisfies Record<SingleSource, Rule<InstanceSubject>>);

const containerDiskPath: Rule<InstanceSubject> = volumeRule({
  id: 'disk.container-path',
  field: '.containerDisk.path',
  source: '§6.7 (disk.container-path-root, disk.container-path-form)',
  summary: 'a path in the image of a containerDisk that is relative or is not a file',
  check: ({ containerDisk }, path) => {
    const inImage = containerDisk?.path;
    const problem = inImage ? imagePathProblem(inImage, '/disk/disk.img') : undefined;
    return problem === undefined ? [] : [invalid(`${path}.containerDisk.path`, problem)];
  },
});

const containerDiskReference: Rule<InstanceSubject> = volumeRule({
  id: 'vol.image-reference',
  field: '.containerDisk.image',
  source: 'none: the kubelet refuses it',
  summary: 'an image that cannot be the name of one',
  check: ({ containerDisk }, path) => {
    const image = containerDisk?.image ?? '';
    const problem = image.trim() === '' ? undefined : imageReferenceProblem(image);
    return problem === undefined ? [] : [invalid(`${path}.containerDisk.image`, problem)];
  },
});

export const volumeRules = [
  volumeRule({
    id: 'vol.name-unique',
    field: '.name',
    summary: 'two volumes of the same name',
    check: ({ name }, path, subject, index) => {
      const first = positionOf(subject, subject.spec.volumes, name);
      return first === index
        ? []
        : [
            invalid(
              `${path}.name`,
              `${show(name)} is also the name of volumes[${first}]: give each volume its own name`,
            ),
          ];
    },
  }),
  volumeRule({
    id: 'vol.name-label',
    field: '.name',
    source: 'this project',
    summary: 'a volume name that is neither a DNS label nor one with `_`',
    check: ({ name }, path, subject) =>
      // A disk of the same name is reported by disk.name-label: one mistake, one cause.
      isVolumeName(name) || hasNamed(subject, subject.spec.domain.devices.disks, name)
        ? []
        : [invalid(`${path}.name`, `${show(name)} cannot be the name of a volume: ${VOLUME_NAME_REMEDY}`)],
  }),
  volumeRule({
    id: 'vol.one-source',
    summary: 'a volume with no source, or with several',
    check: (volume, path) => {
      const sources = sourcesOf(volume);
      if (sources.length === 1) return [];
      // A source whose name is wrong is an unknown field, which the schema reports.
      if (sources.length === 0 && Object.keys(volume).some((key) => !KNOWN.has(key))) return [];
      return [
        sources.length === 0
          ? invalid(
              path,
              `volume ${show(volume.name)} has no source: write one, such as containerDisk or persistentVolumeClaim`,
            )
          : invalid(
              path,
              `volume ${show(volume.name)} has ${sources.length} sources (${sources.join(', ')}): keep one`,
            ),
      ];
    },
  }),
  volumeRule({
    id: 'vol.dv-name',
    field: '.dataVolume.name',
    summary: 'a dataVolume without a name',
    check: ({ dataVolume }, path) =>
      dataVolume && !dataVolume.name
        ? [required(`${path}.dataVolume.name`, 'is empty: write the name of the DataVolume')]
        : [],
  }),
  volumeRule({
    id: 'vol.claim-name',
    field: '.persistentVolumeClaim.claimName',
    source: 'this project',
    summary: 'a persistentVolumeClaim without the name of the claim',
    check: (volume, path) =>
      volume.persistentVolumeClaim && !volume.persistentVolumeClaim.claimName
        ? [required(`${path}.persistentVolumeClaim.claimName`, 'is empty: write the name of the PersistentVolumeClaim')]
        : [],
  }),
  volumeRule({
    id: 'vol.container-image',
    field: '.containerDisk.image',
    source: 'this project',
    summary: 'a containerDisk without an image',
    check: ({ containerDisk }, path) =>
      containerDisk && containerDisk.image.trim() === ''
        ? [
            required(
              `${path}.containerDisk.image`,
              'is empty: write the image that holds the disk, such as "registry.example/disk:v1"',
            ),
          ]
        : [],
  }),
  containerDiskReference,
  containerDiskPath,
  ...hostDiskRules,
  volumeRule({
    id: 'vol.configmap-name',
    field: '.configMap.name',
    summary: 'a configMap volume without a name',
    check: ({ configMap }, path) =>
      configMap && !configMap.name
        ? [invalid(`${path}.configMap.name`, 'is empty: write the name of the ConfigMap')]
        : [],
  }),
  volumeRule({
    id: 'vol.secret-name',
    field: '.secret.secretName',
    summary: 'a secret volume without a name',
    check: ({ secret }, path) =>
      secret && !secret.secretName
        ? [invalid(`${path}.secret.secretName`, 'is empty: write the name of the Secret')]
        : [],
  }),
  volumeRule({
    id: 'vol.sa-name',
    field: '.serviceAccount.serviceAccountName',
    summary: 'a serviceAccount volume without a name',
    check: ({ serviceAccount }, path) =>
      serviceAccount && !serviceAccount.serviceAccountName
        ? [invalid(`${path}.serviceAccount.serviceAccountName`, 'is empty: write the name of the ServiceAccount')]
        : [],
  }),
  volumeRule({
    id: 'vol.dm-gate',
    field: '.downwardMetrics',
    summary: 'a downwardMetrics volume while its feature gate is off',
    check: ({ downwardMetrics }, path, { config }) =>
      downwardMetrics && !config.hasFeatureGate('DownwardMetrics')
        ? [
            invalid(
              `${path}.downwardMetrics`,
              'needs the feature gate DownwardMetrics, which is off: remove the volume, or enable the gate in the KubeVirt object',
            ),
          ]
        : [],
  }),
  ...SINGLE_RULES,
  instanceRule({
    id: 'vol.utility-on-create',
    field: '$.utilityVolumes',
    source: '§6.7',
    summary: 'utility volumes in a manifest',
    check: ({ path, spec }) =>
      asksForNothing(spec.utilityVolumes)
        ? []
        : [
            invalid(
              `${path}.utilityVolumes`,
              'utility volumes are added to a VM that runs, and cannot be in its manifest: remove the field',
            ),
          ],
  }),
];
