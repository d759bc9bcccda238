import type { DownwardAPIVolumeFile } from '../../api/schema/core.js';
import type { Volume } from '../../api/schema/volumes.js';
import { MEBIBYTE } from '../../api/quantity.js';
import { readQuantity, unitsOf } from '../rule/quantities.js';
import { invalid, required, type Finding } from '../rule/finding.js';
import { VOLUMES } from '../rule/lists.js';
import { rulesOnMember } from '../rule/rule.js';
import { show } from '../rule/wording.js';

/* What the reference does not look at, and what would fail when the VM starts. */

/** Bytes. The agent makes disks of whole MiB (docs/reference/user-guides.md §3.5). */
const MIN_DISK = MEBIBYTE;
/** Bytes. The largest qcow2 image of QEMU's own cluster size (tested: one byte more is refused). */
const MAX_DISK = 2n ** 51n;

const sizeProblem = (capacity: string | number, bytes: bigint): string | undefined => {
  if (bytes < MIN_DISK) {
    return `${show(capacity)} is less than the smallest disk, 1Mi: write a size with its unit, such as "2Gi"`;
  }
  return bytes > MAX_DISK ? `${show(capacity)} is more than the largest disk, 2Pi: write a smaller size` : undefined;
};

/** A rule on each volume that has the source; costs next to nothing where none has. */
const sourceRules = <Source extends keyof Volume>(member: Source) => rulesOnMember({ ...VOLUMES, member });

/** The longest volume id that ISO 9660 has. */
const MAX_LABEL = 32;
const LABEL = /^[\x20-\x7e]*$/;

const labelRule = (source: 'configMap' | 'secret' | 'downwardAPI') =>
  sourceRules(source)({
    id: `vol.${source.toLowerCase()}-label`,
    field: '.volumeLabel',
    source: 'none: no such image can be made',
    summary: `a label of more than ${MAX_LABEL} characters, or of others than ASCII, for the image of a ${source}`,
    check: ({ volumeLabel = '' }, path) =>
      volumeLabel.length <= MAX_LABEL && LABEL.test(volumeLabel)
        ? []
        : [
            invalid(
              `${path}.volumeLabel`,
              `${show(volumeLabel)} cannot be the label of an image: write at most ${MAX_LABEL} letters, digits and signs of ASCII`,
            ),
          ],
  });

const pathProblem = (path: string): string | undefined => {
  if (path === '') return 'is empty: write the name that the file shall have';
  if (path.startsWith('/')) return `${show(path)} begins with "/", and the file lies in the image: write it without`;
  if (path.split('/').some((step) => step === '..') || path.startsWith('..'))
    return `${show(path)} leaves the image: write a path without ".."`;
  return undefined;
};

const downwardField = (file: DownwardAPIVolumeFile, path: string): readonly Finding[] => {
  const { fieldRef, resourceFieldRef } = file;
  const problem = pathProblem(file.path);
  if (problem !== undefined) return [invalid(`${path}.path`, problem)];
  if (fieldRef && resourceFieldRef)
    return [invalid(path, 'has fieldRef and resourceFieldRef, and a file has one content: keep one of them')];
  if (!fieldRef && !resourceFieldRef)
    return [required(path, 'does not say what is in the file: write "fieldRef: {fieldPath: metadata.labels}"')];
  return resourceFieldRef && !resourceFieldRef.containerName
    ? [
        required(
          `${path}.resourceFieldRef.containerName`,
          'is missing: write compute, the container in which the guest runs',
        ),
      ]
    : [];
};

export const volumeSourceRules = [
  sourceRules('emptyDisk')({
    id: 'vol.empty-capacity',
    field: '.capacity',
    source: 'none: no such disk can be made',
    summary: 'an emptyDisk of less than 1 MiB or more than 2 PiB',
    check: ({ capacity }, path) => {
      const bytes = readQuantity(capacity)?.value();
      const problem = bytes === undefined ? undefined : sizeProblem(capacity, bytes);
      return problem === undefined ? [] : [invalid(`${path}.capacity`, problem)];
    },
  }),
  sourceRules('hostDisk')({
    id: 'vol.hostdisk-size',
    field: '.capacity',
    source: 'none: no such disk can be made',
    summary: 'a hostDisk to be created with less than 1 MiB or more than 2 PiB',
    check: ({ type, capacity }, path) => {
      const bytes = unitsOf(capacity);
      // Zero is what the API writes for none: the image must exist then. Other types are vol.hostdisk-capacity's.
      if (capacity === undefined || type !== 'DiskOrCreate' || bytes === 0n) return [];
      const problem = sizeProblem(capacity, bytes);
      return problem === undefined ? [] : [invalid(`${path}.capacity`, problem)];
    },
  }),
  sourceRules('ephemeral')({
    id: 'vol.ephemeral-claim',
    field: '.persistentVolumeClaim',
    source: 'none: there is nothing to lay the writes over',
    summary: 'an ephemeral volume without a PersistentVolumeClaim, or with one without a name',
    check: ({ persistentVolumeClaim: claim }, path) => {
      if (claim?.claimName) return [];
      const field = `${path}.persistentVolumeClaim`;
      return claim
        ? [required(`${field}.claimName`, 'is empty: write the name of the PersistentVolumeClaim')]
        : [required(field, 'an ephemeral volume lies over a PersistentVolumeClaim: write its claimName here')];
    },
  }),
  sourceRules('sysprep')({
    id: 'vol.sysprep-source',
    source: 'none: the guest would find no answer file',
    summary: 'a sysprep volume of no source or of two, or of one without a name',
    check: ({ configMap, secret }, path) => {
      if (configMap && secret) {
        return [invalid(path, 'takes the answer file from configMap and from secret: keep one of them')];
      }
      if (!configMap && !secret) {
        return [required(path, 'does not say where the answer file is: write "configMap: {name: …}" or secret')];
      }
      if (configMap?.name || secret?.name) return [];
      return configMap
        ? [required(`${path}.configMap.name`, 'is missing: write the name of the ConfigMap')]
        : [required(`${path}.secret.name`, 'is missing: write the name of the Secret')];
    },
  }),
  labelRule('configMap'),
  labelRule('secret'),
  labelRule('downwardAPI'),
  sourceRules('downwardAPI')({
    id: 'vol.downward-field',
    field: '.fields[]',
    source: 'none: Kubernetes would refuse the pod',
    summary: 'a file of a downwardAPI volume without a path inside the image, or without exactly one source',
    check: ({ fields = [] }, path) => fields.flatMap((file, i) => downwardField(file, `${path}.fields[${i}]`)),
  }),
];
