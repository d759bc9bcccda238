import { posix } from 'node:path';
import { DISK_IMAGE } from '../../api/pod-layout.js';
import { claimNameOf } from '../../api/vmi/claim-use.js';
import type { PersistentVolumeClaimInfo } from '../../api/schema/volume-migration.js';
import type { VirtualMachineInstance } from '../../api/schema/kinds.js';
import type { Volume } from '../../api/schema/volumes.js';
import type { DiskContext } from '../../domain/index.js';
import { rawDirectIo } from './direct-io.js';
import { diskFile } from './disk-file.js';
import { claimSize } from './disk-size.js';
import { imageFormat } from './image-info.js';
import { inspectVolume, isBlockDevice, isRegularFile } from './inspect.js';
import type { Preparation, Preparer } from './preparation.js';
import { VolumeError } from './volume-error.js';

/** Whether a disk of the guest may write to the volume. */
export const isWritten = ({ spec }: VirtualMachineInstance, volume: Volume): boolean =>
  volume.persistentVolumeClaim?.readOnly !== true &&
  (spec.domain.devices.disks ?? []).some(
    ({ name, disk, lun, cdrom }) => name === volume.name && !cdrom && (disk ?? lun)?.readonly !== true,
  );

/** A claim as messages call it. */
export const claimName = (volume: Volume): string => `claim ${claimNameOf(volume) ?? '?'}`;

/** What the controller read from the claim. @throws VolumeError when it has not yet */
export const claimInfo = ({ vmi, volume }: Preparation): PersistentVolumeClaimInfo => {
  const info = vmi.status?.volumeStatus?.find(({ name }) => name === volume.name)?.persistentVolumeClaimInfo;
  if (info !== undefined) return info;
  throw new VolumeError(
    volume.name,
    'transient',
    `${claimName(volume)} is not described in status.volumeStatus (yet); virt-controller writes that before the VM starts`,
  );
};

/** The device of a block claim, given to the guest. @throws VolumeError */
export const claimDevice = async (preparation: Preparation, path: string, written: boolean): Promise<DiskContext> => {
  const { volume, workspace, options } = preparation;
  const refuse = (message: string): VolumeError =>
    new VolumeError(volume.name, 'transient', `the device of ${claimName(volume)} ${message}`);
  await options.takeBlockDevice?.(volume.name);
  const found = await inspectVolume(workspace, volume.name, path, claimName(volume));
  if (found.kind === undefined) throw refuse(`is missing: there is nothing at ${path}`);
  if (!isBlockDevice(found)) throw refuse(`is a ${found.kind}, not a block device`);
  if (!found.readable || (written && !found.writable)) {
    const verb = found.readable ? 'written' : 'read';
    throw refuse(`cannot be ${verb} by the guest: it belongs to ${found.uid}:${found.gid} (mode ${found.mode})`);
  }
  if (found.bytes === 0n) throw refuse('has 0 bytes: its storage is gone, or the kernel cannot open it');
  const { directIo, blockSize, scsi } = found;
  return { format: 'raw', blockDevice: true, directIo, blockSize, ...(scsi === undefined ? {} : { scsi }) };
};

/**
 * What the user of this machine named for a claim: a device, or an image whose format is looked up, since the user
 * vouches for it.
 * @throws VolumeError
 */
export const localImage = async (preparation: Preparation, path: string): Promise<DiskContext> => {
  const { volume, workspace, options } = preparation;
  const found = await inspectVolume(workspace, volume.name, path, path);
  if (isBlockDevice(found))
    return { ...(await claimDevice(preparation, path, isWritten(preparation.vmi, volume))), path };
  if (!isRegularFile(found))
    throw new VolumeError(
      volume.name,
      'permanent',
      `${path} is ${found.kind ?? 'missing'}; name an image or a block device`,
    );
  const format = await imageFormat(workspace, volume.name, path, options.memoryLimitBytes);
  const { blockSize, bytes, allocatedBytes } = found;
  if (format !== 'raw') return { path, format, directIo: found.directIo, blockSize, preallocated: false };
  return { path, format, ...rawDirectIo(preparation, path, found), blockSize, preallocated: allocatedBytes >= bytes };
};

/** `disk.img` in the root of a filesystem claim. */
export const claimImage = (preparation: Preparation): string =>
  posix.join(preparation.workspace.paths.persistentVolume(preparation.volume.name), DISK_IMAGE);

const filesystemClaim = (preparation: Preparation, info: PersistentVolumeClaimInfo): Promise<DiskContext> => {
  const { vmi, volume } = preparation;
  const owner = claimName(volume);
  const bytes = claimSize(info.requests?.['storage'], info.capacity?.['storage']);
  const written = isWritten(vmi, volume);
  const missing =
    volume.persistentVolumeClaim?.readOnly === true
      ? 'put a raw image there, or remove readOnly from the volume to have one made'
      : 'its size is not known either, so none can be made; put a raw image there';
  if (bytes === 0n)
    throw new VolumeError(volume.name, 'permanent', `${owner} is smaller than 1Mi, the least size of a disk`);
  const create = bytes === undefined || volume.persistentVolumeClaim?.readOnly === true ? { remedy: missing } : bytes;
  return diskFile(preparation, { path: claimImage(preparation), owner, create, written });
};

/** A claim by its volume mode. Source: docs/reference/domain.md §6.3–6.5. */
export const claim: Preparer = {
  prepare: async (preparation) => {
    const { vmi, volume, workspace, options } = preparation;
    const local = options.localFile?.(volume.name);
    if (local !== undefined) return localImage(preparation, local);
    const info = claimInfo(preparation);
    return info.volumeMode === 'Block'
      ? claimDevice(preparation, workspace.paths.blockDevice(volume.name), isWritten(vmi, volume))
      : filesystemClaim(preparation, info);
  },
};
