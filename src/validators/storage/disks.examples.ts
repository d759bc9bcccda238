import { D, DEV, disk, label64, root, type ExampleTable, V } from '../rule/examples.js';
import { disksAndVolumes } from './example-parts.js';

const named = (name: string) => ({ [D]: { name, disk: { bus: 'virtio' } }, [V]: { ...root, name } });

const shared = (more: object) => ({
  ...disk({ shareable: true, disk: {}, ...more }),
  [V]: { name: 'root', persistentVolumeClaim: { claimName: 'data' } },
});

export const disksExamples: ExampleTable = {
  'disk.floppy': {
    why: 'KubeVirt once had floppy disks; a manifest that still has one must not lose it silently.',
    accepts: [disk({ cdrom: {} }), disk({ disk: {} })],
    refuses: [
      [disk({ floppy: {} }), `${D}.floppy`],
      [disk({ floppy: { readonly: true, tray: 'open' } }), `${D}.floppy`],
    ],
  },
  'disk.name-unique': {
    accepts: [disksAndVolumes(['root', 'data'], [root, { name: 'data', emptyDisk: { capacity: '2Gi' } }])],
    refuses: [
      [disksAndVolumes(['root', 'root'], [root]), `${DEV}.disks[1].name`],
      [{ [`${DEV}.disks[2]`]: { name: 'root', disk: {} } }, `${DEV}.disks[2].name`],
    ],
  },
  'disk.name-label': {
    why: 'The name is that of the volume, which becomes the name of a volume of the pod.',
    accepts: [named('root'), named('a'.repeat(63))],
    refuses: [
      [named('Root'), `${D}.name`],
      [named(label64), `${D}.name`],
    ],
  },
  'disk.one-target': {
    accepts: [disk({ disk: {} }), disk({})],
    refuses: [
      [disk({ disk: {}, cdrom: {} }), D],
      [disk({ disk: {}, lun: {}, cdrom: {} }), D],
      [disk({ lun: {}, cdrom: {} }), D],
    ],
  },
  'disk.pci-bus': {
    why: 'Only a virtio disk is a PCI device; the others hang on a controller.',
    accepts: [
      { [`${D}.disk`]: { bus: 'virtio', pciAddress: '0000:81:00.0' } },
      { [`${D}.disk`]: { pciAddress: '0000:81:00.0' } },
    ],
    refuses: [
      [{ [`${D}.disk`]: { bus: 'scsi', pciAddress: '0000:81:00.0' } }, `${D}.disk.pciAddress`],
      [{ [`${D}.disk`]: { bus: 'usb', pciAddress: '0000:81:00.0' } }, `${D}.disk.pciAddress`],
    ],
  },
  'disk.pci-format': {
    accepts: [
      { [`${D}.disk`]: { bus: 'virtio', pciAddress: '0000:81:00.0' } },
      { [`${D}.disk`]: { bus: 'virtio', pciAddress: '0000:AB:00.0' } },
    ],
    refuses: [
      [{ [`${D}.disk`]: { bus: 'virtio', pciAddress: '0000:81:00:0' } }, `${D}.disk.pciAddress`],
      [{ [`${D}.disk`]: { bus: 'virtio', pciAddress: '0000:81:00.8' } }, `${D}.disk.pciAddress`],
    ],
  },
  'disk.boot-order-min': {
    accepts: [{ [`${D}.bootOrder`]: 1 }],
    refuses: [
      [{ [`${D}.bootOrder`]: 0 }, `${D}.bootOrder`],
      [{ [`${D}.bootOrder`]: -1 }, `${D}.bootOrder`],
    ],
  },
  'disk.bus-ide': {
    why: 'The machine type q35 has no IDE controller.',
    accepts: [{ [`${D}.disk.bus`]: 'sata' }],
    refuses: [
      [{ [`${D}.disk.bus`]: 'ide' }, `${D}.disk.bus`],
      [disk({ cdrom: { bus: 'ide' } }), `${D}.cdrom.bus`],
    ],
  },
  'disk.bus-unknown': {
    accepts: [{ [`${D}.disk.bus`]: 'virtio' }, { [`${D}.disk.bus`]: 'usb' }],
    refuses: [
      [{ [`${D}.disk.bus`]: 'nvme' }, `${D}.disk.bus`],
      [{ [`${D}.disk.bus`]: 'VIRTIO' }, `${D}.disk.bus`],
    ],
  },
  'disk.bus-cdrom-virtio': {
    why: 'There is no virtio device for CD-ROMs.',
    accepts: [
      disk({ cdrom: { bus: 'sata' } }),
      disk({ cdrom: { bus: 'scsi' } }),
      { ...disk({ cdrom: {} }), 'spec.architecture': 's390x' },
    ],
    refuses: [
      [disk({ cdrom: { bus: 'virtio' } }), `${D}.cdrom.bus`],
      [{ ...disk({ cdrom: { bus: 'virtio' } }), 'spec.architecture': 's390x' }, `${D}.cdrom.bus`],
    ],
  },
  'disk.bus-sata-readonly': {
    why: 'The emulated SATA hard disk has no write protection.',
    accepts: [{ [`${D}.disk`]: { bus: 'virtio', readonly: true } }, { [`${D}.disk`]: { readonly: true } }],
    refuses: [
      [{ [`${D}.disk`]: { bus: 'sata', readonly: true } }, `${D}.disk.bus`],
      [{ [`${DEV}.disks[1].disk`]: { bus: 'sata', readonly: true } }, `${DEV}.disks[1].disk.bus`],
    ],
  },
  'disk.iothread-bus': {
    why: 'Only virtio disks can be served by an I/O thread of their own.',
    accepts: [disk({ dedicatedIOThread: true, disk: { bus: 'virtio' } }), disk({ dedicatedIOThread: true, disk: {} })],
    refuses: [
      [disk({ dedicatedIOThread: true, disk: { bus: 'scsi' } }), `${D}.dedicatedIOThread`],
      [disk({ dedicatedIOThread: true, cdrom: {} }), `${D}.dedicatedIOThread`],
    ],
  },
  'disk.serial-chars': {
    accepts: [{ [`${D}.serial`]: 'disk-1' }, { [`${D}.serial`]: 'A-Za_z0.9+' }],
    refuses: [
      [{ [`${D}.serial`]: 'disk 1' }, `${D}.serial`],
      [{ [`${D}.serial`]: 'a/b' }, `${D}.serial`],
    ],
  },
  'disk.serial-length': {
    why: 'QEMU ends at the start of a VM whose SCSI disk has a longer one.',
    accepts: [
      { [`${D}.serial`]: 'a'.repeat(256) },
      { [`${D}.serial`]: 'a'.repeat(36), [`${D}.disk.bus`]: 'scsi' },
      {
        ...disk({ lun: { bus: 'scsi' }, serial: 'a'.repeat(37) }),
        [V]: { name: 'root', persistentVolumeClaim: { claimName: 'a' } },
      },
    ],
    refuses: [
      [{ [`${D}.serial`]: 'a'.repeat(37), [`${D}.disk.bus`]: 'scsi' }, `${D}.serial`],
      [{ [`${D}.serial`]: 'a'.repeat(21), [`${D}.disk.bus`]: 'usb' }, `${D}.serial`],
      [disk({ cdrom: { bus: 'scsi' }, serial: 'a'.repeat(42) }), `${D}.serial`],
      [{ [`${D}.serial`]: 'a'.repeat(257) }, `${D}.serial`],
      [{ [`${D}.serial`]: 'a'.repeat(999) }, `${D}.serial`],
    ],
  },
  'disk.cache': {
    accepts: [{ [`${D}.cache`]: 'writeback' }, { [`${D}.cache`]: 'none' }, { [`${D}.cache`]: 'writethrough' }],
    refuses: [
      [{ [`${D}.cache`]: 'unsafe' }, `${D}.cache`],
      [{ [`${D}.cache`]: 'None' }, `${D}.cache`],
    ],
  },
  'disk.io': {
    accepts: [{ [`${D}.io`]: 'native' }],
    refuses: [
      [{ [`${D}.io`]: 'io_uring' }, `${D}.io`],
      [{ [`${D}.io`]: 'default' }, `${D}.io`],
    ],
  },
  'disk.io-cache': {
    accepts: [disk({ io: 'native', cache: 'none', disk: {} }), disk({ io: 'threads', cache: 'writeback', disk: {} })],
    refuses: [
      [disk({ io: 'native', cache: 'writeback', disk: {} }), `${D}.io`],
      [disk({ io: 'native', cache: 'writethrough', disk: {} }), `${D}.io`],
    ],
  },
  'disk.shareable-cache': {
    accepts: [shared({ cache: 'none' }), shared({})],
    refuses: [
      [shared({ cache: 'writeback' }), `${D}.cache`],
      [shared({ cache: 'writethrough' }), `${D}.cache`],
    ],
  },
  'disk.error-policy': {
    accepts: [{ [`${D}.errorPolicy`]: 'stop' }, { [`${D}.errorPolicy`]: 'enospace' }],
    refuses: [
      [{ [`${D}.errorPolicy`]: 'panic' }, `${D}.errorPolicy`],
      [{ [`${D}.errorPolicy`]: 'Stop' }, `${D}.errorPolicy`],
    ],
  },
};
