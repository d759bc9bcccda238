import { iface, D, DEV, V, REQ, LIM, CPU, image, label64, IF, custom, lun, type ExampleTable } from './shared.js';

export const disksExamples: ExampleTable = {
  'disk.no-volume': {
    accepts: [{ [`${DEV}.disks[2]`]: { name: 'cd', cdrom: {} } }],
    refuses: [
      [{ [`${DEV}.disks[2]`]: { name: 'nothing', disk: {} } }, `${DEV}.disks[2].name`],
      [{ [`${D}.name`]: 'other' }, `${D}.name`],
    ],
  },
  'disk.empty-cdrom-gate': {
    config: { developerConfiguration: { disabledFeatureGates: ['DeclarativeHotplugVolumes'] } },
    accepts: [{ [D]: { name: 'root', cdrom: {} } }],
    refuses: [
      [{ [`${DEV}.disks[2]`]: { name: 'cd', cdrom: {} } }, `${DEV}.disks[2].name`],
      [{ [`${DEV}.disks[2]`]: { name: 'dvd', cdrom: { bus: 'sata' } } }, `${DEV}.disks[2].name`],
    ],
  },
  'disk.lun-source': {
    accepts: [lun({ persistentVolumeClaim: { claimName: 'c' } }), lun({ dataVolume: { name: 'd' } })],
    refuses: [
      [lun({ containerDisk: image }), `${D}.lun`],
      [lun({ emptyDisk: { capacity: '1Gi' } }), `${D}.lun`],
      [lun({ cloudInitNoCloud: { userData: 'x' } }), `${D}.lun`],
    ],
  },
  'disk.dm-target': {
    gates: ['DownwardMetrics'],
    accepts: [{ [D]: { name: 'root', disk: { bus: 'virtio' } }, [V]: { name: 'root', downwardMetrics: {} } }],
    refuses: [
      [{ [D]: { name: 'root', cdrom: {} }, [V]: { name: 'root', downwardMetrics: {} } }, `${D}.disk`],
      [{ [D]: { name: 'root', lun: {} }, [V]: { name: 'root', downwardMetrics: {} } }, `${D}.disk`],
    ],
  },
  'disk.dm-bus': {
    gates: ['DownwardMetrics'],
    accepts: [{ [D]: { name: 'root' }, [V]: { name: 'root', downwardMetrics: {} } }],
    refuses: [
      [{ [D]: { name: 'root', disk: { bus: 'sata' } }, [V]: { name: 'root', downwardMetrics: {} } }, `${D}.disk.bus`],
      [{ [D]: { name: 'root', disk: { bus: 'scsi' } }, [V]: { name: 'root', downwardMetrics: {} } }, `${D}.disk.bus`],
    ],
  },
  'pr.gate': {
    accepts: [lun({ persistentVolumeClaim: { claimName: 'c' } })],
    refuses: [
      [
        { ...lun({ persistentVolumeClaim: { claimName: 'c' } }), [`${D}.lun.reservation`]: true },
        `${D}.lun.reservation`,
      ],
      [{ ...lun({ dataVolume: { name: 'c' } }), [`${D}.lun.reservation`]: true }, `${D}.lun.reservation`],
    ],
  },
  'disk.boot-order-dup': {
    accepts: [{ [`${D}.bootOrder`]: 1, [`${DEV}.disks[1].bootOrder`]: 2 }],
    refuses: [
      [{ [`${D}.bootOrder`]: 1, [`${DEV}.disks[1].bootOrder`]: 1 }, `${DEV}.disks[1].bootOrder`],
      [{ [`${D}.bootOrder`]: 2, ...iface({ bootOrder: 2 }) }, `${IF}.bootOrder`],
    ],
  },
  'disk.floppy': {
    accepts: [{ [D]: { name: 'root', cdrom: {} } }],
    refuses: [
      [{ [D]: { name: 'root', floppy: {} } }, `${D}.floppy`],
      [{ [D]: { name: 'root', floppy: { readonly: true, tray: 'open' } } }, `${D}.floppy`],
    ],
  },
  'disk.name-unique': {
    accepts: [{}],
    refuses: [
      [{ [`${DEV}.disks[2]`]: { name: 'root', disk: {} } }, `${DEV}.disks[2].name`],
      [{ [`${DEV}.disks[1].name`]: 'root' }, `${DEV}.disks[1].name`],
    ],
  },
  'disk.name-label': {
    accepts: [{ [`${D}.name`]: 'a'.repeat(63), [`${V}.name`]: 'a'.repeat(63) }],
    refuses: [
      [{ [`${D}.name`]: label64, [`${V}.name`]: label64 }, `${D}.name`],
      [{ [`${D}.name`]: 'Root', [`${V}.name`]: 'Root' }, `${D}.name`],
    ],
  },
  'disk.one-target': {
    accepts: [{ [D]: { name: 'root' } }],
    refuses: [
      [{ [D]: { name: 'root', disk: {}, cdrom: {} } }, D],
      [{ [D]: { name: 'root', disk: {}, lun: {}, cdrom: {} } }, D],
    ],
  },
  'disk.pci-bus': {
    accepts: [{ [`${D}.disk`]: { pciAddress: '0000:81:01.0' } }],
    refuses: [
      [{ [`${D}.disk`]: { bus: 'scsi', pciAddress: '0000:81:01.0' } }, `${D}.disk.pciAddress`],
      [{ [`${D}.disk`]: { bus: 'sata', pciAddress: '0000:81:01.0' } }, `${D}.disk.pciAddress`],
    ],
  },
  'disk.pci-format': {
    accepts: [{ [`${D}.disk`]: { bus: 'virtio', pciAddress: 'ABCD:ef:01.7' } }],
    refuses: [
      [{ [`${D}.disk`]: { bus: 'virtio', pciAddress: '0000:81:01.8' } }, `${D}.disk.pciAddress`],
      [{ [`${D}.disk`]: { bus: 'virtio', pciAddress: '0000:81:01:0' } }, `${D}.disk.pciAddress`],
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
    accepts: [{ [`${D}.disk.bus`]: 'sata' }],
    refuses: [
      [{ [`${D}.disk.bus`]: 'ide' }, `${D}.disk.bus`],
      [{ [D]: { name: 'root', cdrom: { bus: 'ide' } } }, `${D}.cdrom.bus`],
    ],
  },
  'disk.bus-unknown': {
    accepts: [{ [`${D}.disk.bus`]: 'usb' }],
    refuses: [
      [{ [`${D}.disk.bus`]: 'nvme' }, `${D}.disk.bus`],
      [{ [`${D}.disk.bus`]: 'VIRTIO' }, `${D}.disk.bus`],
    ],
  },
  'disk.bus-cdrom-virtio': {
    accepts: [
      { [D]: { name: 'root', cdrom: { bus: 'scsi' } } },
      { [D]: { name: 'root', cdrom: {} }, 'spec.architecture': 's390x' },
    ],
    refuses: [
      [{ [D]: { name: 'root', cdrom: { bus: 'virtio' } } }, `${D}.cdrom.bus`],
      [{ [D]: { name: 'root', cdrom: { bus: 'virtio' } }, 'spec.architecture': 's390x' }, `${D}.cdrom.bus`],
    ],
  },
  'disk.bus-sata-readonly': {
    accepts: [{ [`${D}.disk`]: { bus: 'virtio', readonly: true } }, { [`${D}.disk`]: { readonly: true } }],
    refuses: [
      [{ [`${D}.disk`]: { bus: 'sata', readonly: true } }, `${D}.disk.bus`],
      [{ [`${DEV}.disks[1].disk`]: { bus: 'sata', readonly: true } }, `${DEV}.disks[1].disk.bus`],
    ],
  },
  'disk.iothread-bus': {
    accepts: [{ [`${D}.dedicatedIOThread`]: true, [`${D}.disk`]: {} }],
    refuses: [
      [{ [`${D}.dedicatedIOThread`]: true, [`${D}.disk.bus`]: 'scsi' }, `${D}.dedicatedIOThread`],
      [{ [D]: { name: 'root', cdrom: {}, dedicatedIOThread: true } }, `${D}.dedicatedIOThread`],
    ],
  },
  'disk.serial-chars': {
    accepts: [{ [`${D}.serial`]: 'A-Za_z0.9+' }],
    refuses: [
      [{ [`${D}.serial`]: 'a b' }, `${D}.serial`],
      [{ [`${D}.serial`]: 'a/b' }, `${D}.serial`],
    ],
  },
  'disk.serial-length': {
    accepts: [{ [`${D}.serial`]: 'a'.repeat(256) }],
    refuses: [
      [{ [`${D}.serial`]: 'a'.repeat(257) }, `${D}.serial`],
      [{ [`${D}.serial`]: 'a'.repeat(999) }, `${D}.serial`],
    ],
  },
  'disk.cache': {
    accepts: [{ [`${D}.cache`]: 'writeback' }],
    refuses: [
      [{ [`${D}.cache`]: 'unsafe' }, `${D}.cache`],
      [{ [`${D}.cache`]: 'None' }, `${D}.cache`],
    ],
  },
  'disk.io': {
    accepts: [{ [`${D}.io`]: 'native' }],
    refuses: [
      [{ [`${D}.io`]: 'default' }, `${D}.io`],
      [{ [`${D}.io`]: 'io_uring' }, `${D}.io`],
    ],
  },
  'disk.error-policy': {
    accepts: [{ [`${D}.errorPolicy`]: 'enospace' }],
    refuses: [
      [{ [`${D}.errorPolicy`]: 'panic' }, `${D}.errorPolicy`],
      [{ [`${D}.errorPolicy`]: 'Stop' }, `${D}.errorPolicy`],
    ],
  },
  'disk.block-both': {
    accepts: [{ [`${D}.blockSize`]: { custom: { logical: 512, physical: 512 }, matchVolume: { enabled: false } } }],
    refuses: [
      [{ [`${D}.blockSize`]: { custom: { logical: 512, physical: 512 }, matchVolume: {} } }, `${D}.blockSize`],
      [{ [`${D}.blockSize`]: { custom: {}, matchVolume: { enabled: true } } }, `${D}.blockSize`],
    ],
  },
  'disk.block-size': {
    accepts: [
      custom({ logical: 512, physical: 2097152 }),
      { ...custom({ logical: 4096, physical: 4096 }), [`${D}.disk`]: {} },
    ],
    refuses: [
      [custom({ logical: 4096, physical: 512 }), `${D}.blockSize.custom.logical`],
      [custom({ logical: 256, physical: 512 }), `${D}.blockSize.custom.logical`],
      [custom({ logical: 512, physical: 4194304 }), `${D}.blockSize.custom.physical`],
      [custom({ logical: 512, physical: 1000 }), `${D}.blockSize.custom.physical`],
      [custom({ logical: 4096, physical: 4096, discardGranularity: 512 }), `${D}.blockSize.custom.discardGranularity`],
      [{ ...custom({ logical: 4096, physical: 4096 }), [`${D}.disk.bus`]: 'sata' }, `${D}.blockSize.custom.logical`],
    ],
  },
  'disk.multiqueue-cpu': {
    accepts: [
      { [`${DEV}.blockMultiQueue`]: true, [`${REQ}.cpu`]: '1m' },
      { [`${DEV}.blockMultiQueue`]: true, [`${LIM}.cpu`]: 2 },
      { [`${DEV}.blockMultiQueue`]: false },
    ],
    refuses: [
      [{ [`${DEV}.blockMultiQueue`]: true }, `${DEV}.blockMultiQueue`],
      [{ [`${DEV}.blockMultiQueue`]: true, [`${REQ}.cpu`]: '0' }, `${DEV}.blockMultiQueue`],
      [{ [`${DEV}.blockMultiQueue`]: true, [`${CPU}.cores`]: 4 }, `${DEV}.blockMultiQueue`],
    ],
  },
  'disk.container-path': {
    accepts: [{ [`${V}.containerDisk.path`]: '/disk/a.img' }, { [`${V}.containerDisk.path`]: '/disk/a/' }],
    refuses: [
      [{ [`${V}.containerDisk.path`]: '/' }, `${V}.containerDisk.path`],
      [{ [`${V}.containerDisk.path`]: 'disk/a' }, `${V}.containerDisk.path`],
      [{ [`${V}.containerDisk.path`]: '/disk/../a' }, `${V}.containerDisk.path`],
    ],
  },
};
