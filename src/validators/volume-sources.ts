import type { Volume } from '../api/schema/volumes.js';
import { readQuantity, unitsOf } from './quantities.js';
import { instanceRule, invalid, required, show, type Finding, type InstanceSubject, type Rule } from './rule.js';

/* What the reference does not look at, and what would fail when the VM starts. */

/** Bytes. The agent makes disks of whole MiB (spec/seed-features.md S-110). */
const MIN_DISK = 2n ** 20n;
/** Bytes. The largest qcow2 image of QEMU's own cluster size (tested: one byte more is refused). */
const MAX_DISK = 2n ** 51n;

const sizeProblem = (capacity: string | number, bytes: bigint): string | undefined => {
  if (bytes < MIN_DISK) {
    return `${show(capacity)} is less than the smallest disk, 1Mi: write a size with its unit, such as "2Gi"`;
  }
  return bytes > MAX_DISK ? `${show(capacity)} is more than the largest disk, 2Pi: write a smaller size` : undefined;
};

/** A rule on each volume that has the source; costs next to nothing where none has. */
const sourceRule = <Source extends keyof Volume>(
  id: string,
  source: Source,
  field: string,
  why: string,
  summary: string,
  check: (settings: NonNullable<Volume[Source]>, path: string) => readonly Finding[],
): Rule<InstanceSubject> =>
  instanceRule(id, `$.volumes[].${source}${field}`, `none: ${why}`, summary, ({ path, spec }) =>
    (spec.volumes ?? []).flatMap((volume, i) => {
      const settings = volume[source];
      return settings ? check(settings, `${path}.volumes[${i}].${source}`) : [];
    }),
  );

export const volumeSourceRules = [
  sourceRule(
    'vol.empty-capacity',
    'emptyDisk',
    '.capacity',
    'no such disk can be made',
    'an emptyDisk of less than 1 MiB or more than 2 PiB',
    ({ capacity }, path) => {
      const bytes = readQuantity(capacity)?.value();
      const problem = bytes === undefined ? undefined : sizeProblem(capacity, bytes);
      return problem === undefined ? [] : [invalid(`${path}.capacity`, problem)];
    },
  ),
  sourceRule(
    'vol.hostdisk-size',
    'hostDisk',
    '.capacity',
    'no such disk can be made',
    'a hostDisk to be created with less than 1 MiB or more than 2 PiB',
    ({ type, capacity }, path) => {
      const bytes = unitsOf(capacity);
      // Zero is what the API writes for none: the image must exist then. Other types are vol.hostdisk-capacity's.
      if (capacity === undefined || type !== 'DiskOrCreate' || bytes === 0n) return [];
      const problem = sizeProblem(capacity, bytes);
      return problem === undefined ? [] : [invalid(`${path}.capacity`, problem)];
    },
  ),
  sourceRule(
    'vol.ephemeral-claim',
    'ephemeral',
    '.persistentVolumeClaim',
    'there is nothing to lay the writes over',
    'an ephemeral volume without a PersistentVolumeClaim, or with one without a name',
    ({ persistentVolumeClaim: claim }, path) => {
      if (claim?.claimName) return [];
      const field = `${path}.persistentVolumeClaim`;
      return claim
        ? [required(`${field}.claimName`, 'is empty: write the name of the PersistentVolumeClaim')]
        : [required(field, 'an ephemeral volume lies over a PersistentVolumeClaim: write its claimName here')];
    },
  ),
  sourceRule(
    'vol.sysprep-source',
    'sysprep',
    '',
    'the guest would find no answer file',
    'a sysprep volume of no source or of two, or of one without a name',
    ({ configMap, secret }, path) => {
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
  ),
];
