import type { Disk } from '../api/schema/disks.js';
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
  summary: '`cdrom.readonly` becomes true and `cdrom.tray` closed.',
  apply: ({ spec }) => {
    for (const { cdrom } of spec.domain.devices.disks ?? []) {
      if (!cdrom) continue;
      cdrom.readonly ??= true;
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

export const diskBus: MutationStep = {
  id: 'mut.disk-bus',
  summary: 'An empty bus of a disk, lun or cdrom becomes sata on amd64, virtio on arm64 and s390x.',
  apply: ({ spec }) => {
    const bus = spec.architecture === 'arm64' || spec.architecture === 's390x' ? 'virtio' : 'sata';
    for (const disk of spec.domain.devices.disks ?? []) {
      for (const target of targetsOf(disk)) target.bus ||= bus;
    }
  },
};
