import { createHash } from 'node:crypto';
import { DataVolumeAnnotation } from '../../api/data-volume/data-volume.js';
import { Label } from '../../api/names.js';
import { MEBIBYTE, quantityBytes } from '../../api/quantity.js';
import type { DataVolume } from '../../api/schema/datavolume.js';
import type { PersistentVolumeClaim } from '../../kube/types.js';
import { ownedBy } from './owner.js';

/**
 * Of a file system, in percent, what is not there for a disk: its tables, its journal, what it keeps for root. ext4 as
 * mkfs makes it takes 5 % for root alone. CDI's default is the same 6.
 */
const OVERHEAD_PERCENT = 6n;

const isBlock = ({ spec }: DataVolume): boolean => (spec.storage ?? spec.pvc)?.volumeMode === 'Block';

/** Bytes that the manifest asks for; of a clone that does not say, those of its source. */
const askedBytes = ({ spec }: DataVolume, source: PersistentVolumeClaim | undefined): bigint =>
  quantityBytes(
    (spec.storage ?? spec.pvc)?.resources?.requests?.['storage'] ?? source?.spec?.resources?.requests?.['storage'],
  );

const mebibytes = (bytes: bigint): bigint => (bytes / MEBIBYTE) * MEBIBYTE;

export interface DiskSize {
  /** The claim's request. */
  readonly claim: bigint;
  /** The disk the guest is to see; the device's own size for a block device. */
  readonly disk: bigint;
  /** The largest disk that an image may bring along. */
  readonly most: bigint;
}

/**
 * Sizes, in bytes. `storage` says how large the disk is to be, and the claim gets the file system on top; `pvc` is the
 * claim as it is to be, and the disk gets what the file system leaves.
 */
export const diskSize = (dataVolume: DataVolume, source?: PersistentVolumeClaim): DiskSize => {
  const asked = askedBytes(dataVolume, source);
  if (isBlock(dataVolume)) return { claim: asked, disk: asked, most: asked };
  // The source's request has its file system in it already.
  const sized = (dataVolume.spec.storage ?? dataVolume.spec.pvc)?.resources?.requests?.['storage'] !== undefined;
  if (dataVolume.spec.storage === undefined || !sized) {
    const disk = mebibytes((asked * (100n - OVERHEAD_PERCENT)) / 100n);
    // An image as large as the claim fits in while it is sparse, and is not turned away.
    return { claim: asked, disk, most: asked };
  }
  const claim = (asked * 100n + (99n - OVERHEAD_PERCENT)) / (100n - OVERHEAD_PERCENT);
  return { claim: mebibytes(claim + MEBIBYTE - 1n), disk: asked, most: asked };
};

/** As one writes it, where that is exact. */
const inMebibytes = (bytes: bigint): string => (bytes % MEBIBYTE === 0n ? `${bytes / MEBIBYTE}Mi` : bytes.toString());

/** Both times it is read from the API server, which writes the keys of an object in one order. */
export const specDigest = ({ spec }: DataVolume): string =>
  createHash('sha256').update(JSON.stringify(spec)).digest('hex').slice(0, 16);

/** The claim of a DataVolume; it is deleted with it. Pure. */
export const buildClaim = (dataVolume: DataVolume, source?: PersistentVolumeClaim): PersistentVolumeClaim => {
  const { name = '', namespace, labels } = dataVolume.metadata ?? {};
  const { spec } = dataVolume;
  const target = spec.storage ?? spec.pvc ?? {};
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      name,
      namespace,
      labels: { ...labels, [Label.app]: 'data-volume' },
      annotations: { [DataVolumeAnnotation.spec]: specDigest(dataVolume) },
      ownerReferences: ownedBy(dataVolume),
    },
    spec: {
      ...target,
      accessModes: target.accessModes ?? ['ReadWriteOnce'],
      volumeMode: target.volumeMode ?? 'Filesystem',
      resources: {
        ...target.resources,
        requests: { storage: inMebibytes(diskSize(dataVolume, source).claim) },
      },
    },
  };
};
