import type { Disk } from '../../api/schema/disks.js';
import { positionOf } from '../rule/lookup.js';
import { isVolumeName, VOLUME_NAME_REMEDY } from '../rule/names.js';
import { PCI_ADDRESS } from '../../api/pci-address.js';
import { because, forbidden, invalid, NOTHING, notSupported } from '../rule/finding.js';
import { DISKS } from '../rule/lists.js';
import { rulesOn } from '../rule/rule.js';
import { oneOf, show } from '../rule/wording.js';

type TargetName = 'disk' | 'lun' | 'cdrom';

const SERIAL = /^[A-Za-z0-9_.+-]+$/;
/** As in the reference. */
const MAX_SERIAL = 256;
/** QEMU 9.2 and later end where that of a SCSI disk is longer … */
const MAX_SCSI_SERIAL = 36;
/** … and that of a USB disk, which also is its device's id. */
const MAX_USB_SERIAL = 20;
const BUSES = ['virtio', 'scsi', 'sata', 'usb'];
const CACHES = ['none', 'writethrough', 'writeback'];
const IO_MODES = ['native', 'threads'];
const ERROR_POLICIES = ['stop', 'ignore', 'report', 'enospace'];

/** The target that counts (the first set of disk, lun, cdrom) and its bus. */
export const targetOf = (disk: Disk): { name: TargetName; bus: string } | undefined => {
  for (const name of ['disk', 'lun', 'cdrom'] as const) {
    const target = disk[name];
    if (target) return { name, bus: target.bus ?? '' };
  }
  return undefined;
};

const maxSerial = (disk: Disk): number => {
  const target = targetOf(disk);
  // A lun shows the serial number of its device.
  if (target?.bus === 'scsi' && target.name !== 'lun') return MAX_SCSI_SERIAL;
  return target?.bus === 'usb' ? MAX_USB_SERIAL : MAX_SERIAL;
};

/** Every target that is set; a right disk has one. */
export const targetsOf = (disk: Disk): readonly TargetName[] =>
  (['disk', 'lun', 'cdrom'] as const).filter((name) => disk[name]);

/** KubeVirt once had floppy disks; manifests that still have one must not lose it silently. */
const isFloppy = (disk: Disk): boolean => disk.floppy !== undefined;

const diskRule = rulesOn({ ...DISKS, source: '§6.6' });

/** A rule on one field that must be one of a few words, `what` says of what. Absent is fine. */
const wordRule = (
  id: string,
  name: 'cache' | 'io' | 'errorPolicy',
  what: string,
  words: readonly string[],
  make: typeof invalid,
) =>
  diskRule({
    id,
    field: `.${name}`,
    summary: `${what} other than ${words.join(', ')}`,
    check: (disk, path) => {
      const word = disk[name];
      // Go distinguishes an empty text from a missing one where the field is a pointer, which only errorPolicy is.
      const isAbsent = word === undefined || (word === '' && name !== 'errorPolicy');
      return isAbsent || words.includes(word)
        ? []
        : [make(`${path}.${name}`, `${show(word)} is not ${what}: ${oneOf(word, words)}, or remove the field`)];
    },
  });

export const diskRules = [
  diskRule({
    id: 'disk.floppy',
    field: '.floppy',
    source: 'docs/reference/user-guides.md §3.1',
    summary: 'a floppy disk',
    check: (disk, path) =>
      isFloppy(disk)
        ? [
            forbidden(
              `${path}.floppy`,
              'floppy disks are deprecated and no longer supported: write "cdrom: {}" or "disk: {}" instead',
            ),
          ]
        : [],
  }),
  diskRule({
    id: 'disk.name-unique',
    field: '.name',
    summary: 'two disks of the same name',
    check: (disk, path, subject, index) => {
      const first = positionOf(subject, subject.spec.domain.devices.disks, disk.name);
      return first === index
        ? []
        : [
            invalid(
              `${path}.name`,
              `${show(disk.name)} is also the name of disks[${first}]: give each disk its own name and volume`,
            ),
          ];
    },
  }),
  diskRule({
    id: 'disk.name-label',
    field: '.name',
    source: '§6.6, docs/reference/user-guides.md §3.6 (with "_")',
    summary: 'a disk name that is neither a DNS label nor one with `_`',
    check: (disk, path) =>
      isVolumeName(disk.name)
        ? []
        : [invalid(`${path}.name`, `${show(disk.name)} cannot be the name of a disk: ${VOLUME_NAME_REMEDY}`)],
  }),
  diskRule({
    id: 'disk.one-target',
    summary: 'a disk that is more than one of `disk`, `lun` and `cdrom`',
    check: (disk, path) => {
      const targets = targetsOf(disk);
      return targets.length <= 1
        ? []
        : [invalid(path, `disk ${show(disk.name)} is ${targets.join(' and ')} at once: keep one of them`)];
    },
  }),
  diskRule({
    id: 'disk.pci-bus',
    field: '.disk.pciAddress',
    summary: 'a PCI address of a disk on a bus other than `virtio`',
    check: ({ disk }, path) =>
      disk?.pciAddress && disk.bus !== 'virtio'
        ? [
            invalid(
              `${path}.disk.pciAddress`,
              `a disk on the bus ${show(disk.bus)} has no PCI address: write bus: virtio, or remove the address`,
            ),
          ]
        : [],
  }),
  diskRule({
    id: 'disk.pci-format',
    field: '.disk.pciAddress',
    summary: 'a malformed PCI address',
    check: ({ disk }, path) =>
      disk?.pciAddress && !PCI_ADDRESS.test(disk.pciAddress)
        ? [
            invalid(
              `${path}.disk.pciAddress`,
              `${show(disk.pciAddress)} is not a PCI address: write one such as "0000:81:00.0"`,
            ),
          ]
        : [],
  }),
  diskRule({
    id: 'disk.boot-order-min',
    field: '.bootOrder',
    summary: 'a boot order below 1, of a disk',
    check: ({ bootOrder }, path) =>
      bootOrder !== undefined && bootOrder < 1
        ? [
            invalid(
              `${path}.bootOrder`,
              `${bootOrder} is not a boot order: write 1 for the first device, 2 for the next`,
            ),
          ]
        : [],
  }),
  diskRule({
    id: 'disk.bus-ide',
    field: '.{disk,lun,cdrom}.bus',
    summary: 'a disk on the IDE bus',
    check: (disk, path) => {
      const target = targetOf(disk);
      return target?.bus === 'ide' ? [invalid(`${path}.${target.name}.bus`, '"ide" is not supported: write sata')] : [];
    },
  }),
  diskRule({
    id: 'disk.bus-unknown',
    field: '.{disk,lun,cdrom}.bus',
    summary: 'a disk on a bus that does not exist',
    check: (disk, path) => {
      const target = targetOf(disk);
      return !target || ['', 'ide', ...BUSES].includes(target.bus)
        ? []
        : [
            invalid(
              `${path}.${target.name}.bus`,
              `${show(target.bus)} is not a bus of disks: ${oneOf(target.bus, BUSES)}`,
            ),
          ];
    },
  }),
  diskRule({
    id: 'disk.bus-cdrom-virtio',
    field: '.cdrom.bus',
    summary: 'a CD-ROM on the `virtio` bus',
    check: (disk, path, { spec }) => {
      const target = targetOf(disk);
      // Only amd64 has sata.
      const others = spec.architecture === 'amd64' ? 'sata or scsi' : 'scsi';
      return target?.name === 'cdrom' && target.bus === 'virtio'
        ? [invalid(`${path}.cdrom.bus`, `"virtio" is not a bus for a CD-ROM: write ${others}`)]
        : [];
    },
  }),
  diskRule({
    id: 'disk.bus-sata-readonly',
    field: '.disk.bus',
    summary: 'a read-only hard disk on the `sata` bus',
    check: ({ disk }, path) =>
      disk?.bus === 'sata' && disk.readonly
        ? [
            invalid(
              `${path}.disk.bus`,
              'a hard disk on the bus "sata" cannot be read-only: write virtio or scsi, or remove readonly',
            ),
          ]
        : [],
  }),
  diskRule({
    id: 'disk.iothread-bus',
    field: '.dedicatedIOThread',
    summary: 'a dedicated I/O thread for a disk on a bus other than `virtio`',
    check: (disk, path) => {
      const bus = targetOf(disk)?.bus;
      return disk.dedicatedIOThread && bus && bus !== 'virtio'
        ? [
            notSupported(
              `${path}.dedicatedIOThread`,
              `a disk on the bus ${show(bus)} cannot have an I/O thread of its own: write bus: virtio, or remove dedicatedIOThread`,
            ),
          ]
        : [];
    },
  }),
  diskRule({
    id: 'disk.serial-chars',
    field: '.serial',
    summary: 'a serial number with characters other than letters, digits and `_.+-`',
    check: ({ serial }, path) =>
      serial && !SERIAL.test(serial)
        ? [invalid(`${path}.serial`, `${show(serial)} cannot be a serial number: write letters, digits and _.+- only`)]
        : [],
  }),
  diskRule({
    id: 'disk.serial-length',
    field: '.serial',
    summary: `a serial number of more than ${MAX_SERIAL} characters, ${MAX_SCSI_SERIAL} on the bus scsi, ${MAX_USB_SERIAL} on usb`,
    check: (disk, path) => {
      const { serial = '' } = disk;
      const most = maxSerial(disk);
      if (serial.length <= most) return [];
      const where =
        most === MAX_SERIAL ? '' : `, and a disk on the bus ${targetOf(disk)?.bus ?? ''} has at most ${most}`;
      return [invalid(`${path}.serial`, `has ${serial.length} characters${where}: write at most ${most}`)];
    },
  }),
  wordRule('disk.cache', 'cache', 'a cache mode', CACHES, invalid),
  wordRule('disk.io', 'io', 'an I/O mode', IO_MODES, notSupported),
  diskRule({
    id: 'disk.io-cache',
    field: '.io',
    source: 'none: the launcher refuses it',
    summary: 'native I/O of a disk that the host caches',
    check: ({ io, cache }, path) =>
      io === 'native' && cache && cache !== 'none' && CACHES.includes(cache)
        ? because(`${path}.cache`, [
            invalid(
              `${path}.io`,
              `"native" goes past the host's cache, and the disk has cache ${show(cache)}: write cache: none, or io: threads`,
            ),
          ])
        : NOTHING,
  }),
  diskRule({
    id: 'disk.shareable-cache',
    field: '.cache',
    source: 'none: the launcher refuses it',
    summary: 'a shareable disk that the host caches',
    check: ({ shareable, cache }, path) =>
      shareable && cache && cache !== 'none' && CACHES.includes(cache)
        ? because(`${path}.shareable`, [
            invalid(
              `${path}.cache`,
              `${show(cache)} would show each VM another state of the shared disk: write none, or remove shareable`,
            ),
          ])
        : NOTHING,
  }),
  wordRule('disk.error-policy', 'errorPolicy', 'an error policy', ERROR_POLICIES, invalid),
];
