import type { Disk } from '../api/schema/disks.js';
import type { VirtualMachineInstance } from '../api/schema/kinds.js';
import type { DiskContext, DomainContext } from './domain-input.js';
import { busOf } from './device-names.js';
import { diskSource, type DiskSource } from './disk-source.js';
import type { DomainNotice } from './notice.js';

/** What is known of the image behind a disk. */
export const factsOf = ({ disks }: DomainContext, { name }: Disk): DiskContext | undefined =>
  Object.hasOwn(disks, name) ? disks[name] : undefined;

export type DiskKind = 'disk' | 'cdrom' | 'lun';

/**
 * What a disk becomes. A lun hands the guest's SCSI commands to the device behind it, so libvirt takes block devices
 * only, and QEMU only those that understand SCSI, both on the bus scsi alone; otherwise the disk is an ordinary one,
 * and its owner is notified.
 */
export const diskKind = (disk: Disk, source: DiskSource, facts: DiskContext | undefined): DiskKind => {
  if (disk.cdrom) return 'cdrom';
  return disk.lun && busOf(disk) === 'scsi' && source.type === 'block' && facts?.scsi !== false ? 'lun' : 'disk';
};

const lunNotice = (disk: Disk, field: string, source: DiskSource, facts: DiskContext | undefined): DomainNotice[] => {
  if (!disk.lun) return [];
  const instead = 'the guest has an ordinary disk instead';
  if (source.type !== 'block') {
    const why = 'a file cannot be passed through as a lun';
    return [{ reason: 'LunNotSupportedForFile', message: `${field}.lun: ${why}; ${instead}` }];
  }
  if (busOf(disk) !== 'scsi') {
    const why = `a lun is passed through on bus scsi, not ${busOf(disk)}`;
    return [{ reason: 'LunNotSupportedOnBus', message: `${field}.lun: ${why}; ${instead}` }];
  }
  if (diskKind(disk, source, facts) !== 'lun') {
    const why = 'the block device behind it does not understand SCSI commands';
    return [{ reason: 'LunNotSupportedByDevice', message: `${field}.lun: ${why}; ${instead}` }];
  }
  const own = [...(disk.serial ? ['serial'] : []), ...(disk.blockSize?.custom ? ['blockSize.custom'] : [])];
  return own.map((setting) => ({
    reason: 'LunKeepsItsOwn',
    message: `${field}.${setting}: a lun shows what its device has, so the setting has no effect`,
  }));
};

/** What is reported to the owner of luns. Call it for a VMI of which a domain can be built. */
export const lunNotices = (vmi: VirtualMachineInstance, context: DomainContext): DomainNotice[] => {
  const volumes = vmi.spec.volumes ?? [];
  return (vmi.spec.domain.devices.disks ?? []).flatMap((disk, index) => {
    const at = volumes.findIndex(({ name }) => name === disk.name);
    const volume = volumes[at];
    if (!disk.lun || volume === undefined) return [];
    const field = `spec.domain.devices.disks[${index}]`;
    return lunNotice(disk, field, diskSource(volume, at, context), factsOf(context, disk));
  });
};
