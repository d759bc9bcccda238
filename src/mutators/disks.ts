import type { Disk } from '../api/schema/disks.js';
import type { Volume } from '../api/schema/volumes.js';
import { sourceOf } from '../api/vmi/volume-sources.js';
import type { MutationStep } from './mutation.js';

/** A disk's target: the first of disk, lun, cdrom that is set. */
const targetsOf = (disk: Disk) => [disk.disk, disk.lun, disk.cdrom].filter((target) => target !== undefined);

export const volumeDisk: MutationStep = {
  id: 'mut.volume-disk',
  summary: 'A volume that no disk and no filesystem names gets a disk of its name, after the others.',
  apply: ({ spec }) => {
    const { devices } = spec.domain;
    const used = new Set([...(devices.disks ?? []), ...(devices.filesystems ?? [])].map(({ name }) => name));
    for (const { name } of spec.volumes ?? []) {
      if (used.has(name)) continue;
      used.add(name);
      (devices.disks ??= []).push({ name });
    }
  },
};

export const diskTarget: MutationStep = {
  id: 'mut.disk-target',
  summary: 'A disk that is neither disk, lun nor cdrom becomes `disk: {}`.',
  apply: ({ spec }) => {
    for (const disk of spec.domain.devices.disks ?? []) {
      // A floppy is refused by a rule of its own; making it a disk as well would add a second mistake.
      if (targetsOf(disk).length === 0 && !('floppy' in disk)) disk.disk = {};
    }
  },
};

export const cdrom: MutationStep = {
  id: 'mut.cdrom',
  summary:
    '`cdrom.readonly` becomes what the misspelt `readOnly` of old pages says, else true, and `cdrom.tray` closed.',
  apply: ({ spec }) => {
    for (const { cdrom } of spec.domain.devices.disks ?? []) {
      if (!cdrom) continue;
      cdrom.readonly ??= cdrom.readOnly ?? true;
      cdrom.tray ||= 'closed';
    }
  },
};

export const matchVolume: MutationStep = {
  id: 'mut.matchvolume',
  summary: '`blockSize.matchVolume.enabled` becomes true.',
  apply: ({ spec }) => {
    for (const { blockSize } of spec.domain.devices.disks ?? []) {
      if (blockSize?.matchVolume) blockSize.matchVolume.enabled ??= true;
    }
  },
};

/** Sizes of blocks that a sata disk has. */
const SATA_BLOCK = 512;

/**
 * Whether a disk has a setting that admission refuses on the sata bus (docs/reference/admission.md §6.6, §6.7) and not
 * on virtio.
 */
const excludesSata = (disk: Disk, volume: Volume | undefined): boolean => {
  const { logical = 0 } = disk.blockSize?.custom ?? {};
  return Boolean(
    disk.disk?.readonly ||
    disk.disk?.pciAddress ||
    disk.dedicatedIOThread ||
    (volume && sourceOf(volume)?.source.onlyBus === 'virtio') ||
    (logical !== 0 && logical !== SATA_BLOCK),
  );
};

export const diskBus: MutationStep = {
  id: 'mut.disk-bus',
  summary:
    'An empty bus of a disk or cdrom becomes sata on amd64 (virtio for a disk that is read-only, has a PCI address, an I/O thread of its own, other blocks than 512 bytes, or downwardMetrics); on arm64 and s390x virtio, scsi for a CD-ROM. That of a lun becomes scsi.',
  apply: ({ spec }) => {
    const hasSata = spec.architecture !== 'arm64' && spec.architecture !== 's390x';
    for (const disk of spec.domain.devices.disks ?? []) {
      // libvirt and QEMU pass a device through on no other.
      if (disk.lun) disk.lun.bus ||= 'scsi';
      // virtio has no CD-ROM.
      if (disk.cdrom) disk.cdrom.bus ||= hasSata ? 'sata' : 'scsi';
      if (!disk.disk || disk.disk.bus) continue;
      const volume = spec.volumes?.find(({ name }) => name === disk.name);
      disk.disk.bus = hasSata && !excludesSata(disk, volume) ? 'sata' : 'virtio';
    }
  },
};
