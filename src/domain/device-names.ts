import type { Disk } from '../api/schema/disks.js';
import type { VirtualMachineInstance } from '../api/schema/kinds.js';

export interface DeviceName {
  /** `vda`, `sdb`, … */
  readonly name: string;
  /** Its number among the names of its prefix: the unit of a SCSI disk. */
  readonly index: number;
}

/** sata, scsi and usb share one name space, as they do in the guest. */
const devicePrefix = (bus: string): string => (bus === 'virtio' ? 'vd' : 'sd');

/** 0 → a, 25 → z, 26 → aa: bijective base 26. */
const suffix = (index: number): string => {
  const letter = String.fromCharCode(97 + (index % 26));
  return index < 26 ? letter : suffix(Math.floor(index / 26) - 1) + letter;
};

const indexOf = (name: string): number => {
  let number = 0;
  for (const letter of name.slice(2)) number = number * 26 + (letter.charCodeAt(0) - 96);
  return number - 1;
};

/** The device kind of a disk; one that names none is a disk. */
export const targetOf = (disk: Disk) => disk.disk ?? disk.cdrom ?? disk.lun ?? {};
/** The bus of a disk on amd64 when none is given (docs/reference/domain.md §1.1). */
export const busOf = (disk: Disk): string => targetOf(disk).bus || 'sata';

/**
 * A device name per disk name. Names that the status already shows stay; every other disk takes the lowest free one
 * in the order of the spec, so adding or removing one disk renames no other (docs/reference/domain.md §1.15.1).
 */
export const deviceNames = (vmi: VirtualMachineInstance): Map<string, DeviceName> => {
  const disks = vmi.spec.domain.devices.disks ?? [];
  const names = new Map<string, DeviceName>();
  const taken = new Set<string>();
  for (const { name, target } of vmi.status?.volumeStatus ?? []) {
    const disk = disks.find((candidate) => candidate.name === name);
    if (!disk || !/^[a-z]{3,5}$/.test(target) || !target.startsWith(devicePrefix(busOf(disk)))) continue;
    if (taken.has(target)) continue;
    names.set(name, { name: target, index: indexOf(target) });
    taken.add(target);
  }
  for (const disk of disks) {
    if (names.has(disk.name)) continue;
    const prefix = devicePrefix(busOf(disk));
    let index = 0;
    while (taken.has(prefix + suffix(index))) index += 1;
    names.set(disk.name, { name: prefix + suffix(index), index });
    taken.add(prefix + suffix(index));
  }
  return names;
};
