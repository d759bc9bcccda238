import {
  iface,
  D,
  DEV,
  V,
  REQ,
  LIM,
  CPU,
  image,
  label64,
  IF,
  custom,
  disk,
  lun,
  root,
  volume,
  type ExampleTable,
} from '../rule/examples.js';

const claim = { persistentVolumeClaim: { claimName: 'debian' } };
const readOnlyClaim = { name: 'root', persistentVolumeClaim: { claimName: 'debian', readOnly: true } };
const metrics = (target: object) => ({ ...disk(target), ...volume({ downwardMetrics: {} }) });
const named = (name: string) => ({ [D]: { name, disk: { bus: 'virtio' } }, [V]: { ...root, name } });
const disksAndVolumes = (disks: readonly string[], volumes: readonly object[]) => ({
  [`${DEV}.disks`]: disks.map((name) => ({ name, disk: { bus: 'virtio' } })),
  'spec.volumes': volumes,
});
const order = (first: number, second: number) => ({ [`${D}.bootOrder`]: first, [`${DEV}.disks[1].bootOrder`]: second });

export const disksExamples: ExampleTable = {
  'disk.no-volume': {
    accepts: [disksAndVolumes(['root'], [root]), { [`${DEV}.disks[2]`]: { name: 'cd', cdrom: {} } }],
    refuses: [
      [disksAndVolumes(['rot'], [root]), `${D}.name`],
      [{ [`${DEV}.disks[2]`]: { name: 'nothing', disk: {} } }, `${DEV}.disks[2].name`],
    ],
  },
  'disk.empty-cdrom-gate': {
    why: 'A disc can be put into an empty drive only where volumes can be added to a VM that runs.',
    config: { developerConfiguration: { disabledFeatureGates: ['DeclarativeHotplugVolumes'] } },
    accepts: [{ [D]: { name: 'dvd', cdrom: {} }, [V]: { ...root, name: 'dvd' } }],
    refuses: [
      [{ [D]: { name: 'dvd', cdrom: {} } }, `${D}.name`],
      [{ [`${DEV}.disks[2]`]: { name: 'cd', cdrom: { bus: 'sata' } } }, `${DEV}.disks[2].name`],
    ],
  },
  'disk.lun-source': {
    why: 'A lun hands the SCSI commands of the guest to a block device; an image is none.',
    accepts: [lun(claim), lun({ dataVolume: { name: 'debian' } })],
    refuses: [
      [lun({ containerDisk: image }), `${D}.lun`],
      [lun({ emptyDisk: { capacity: '1Gi' } }), `${D}.lun`],
      [lun({ cloudInitNoCloud: { userData: 'x' } }), `${D}.lun`],
    ],
  },
  'vol.claim-readonly': {
    why: 'The guest would be offered a disk that it cannot write to, and QEMU could not open it so.',
    accepts: [
      { [V]: readOnlyClaim, [D]: { name: 'root', disk: { bus: 'virtio', readonly: true } } },
      { [V]: readOnlyClaim, [D]: { name: 'root', cdrom: { bus: 'sata' } } },
      volume({ persistentVolumeClaim: { claimName: 'debian', readOnly: false } }),
    ],
    refuses: [
      [{ [V]: readOnlyClaim, [D]: { name: 'root', disk: { bus: 'virtio' } } }, `${V}.persistentVolumeClaim.readOnly`],
      [{ [V]: readOnlyClaim, [D]: { name: 'root', lun: { bus: 'scsi' } } }, `${V}.persistentVolumeClaim.readOnly`],
    ],
  },
  'disk.dm-target': {
    gates: ['DownwardMetrics'],
    accepts: [metrics({ disk: { bus: 'virtio' } })],
    refuses: [
      [metrics({ cdrom: { bus: 'sata' } }), `${D}.disk`],
      [metrics({ lun: { bus: 'scsi' } }), `${D}.disk`],
    ],
  },
  'disk.dm-bus': {
    gates: ['DownwardMetrics'],
    accepts: [metrics({ disk: { bus: 'virtio' } }), metrics({})],
    refuses: [
      [metrics({ disk: { bus: 'sata' } }), `${D}.disk.bus`],
      [metrics({ disk: { bus: 'scsi' } }), `${D}.disk.bus`],
    ],
  },
  'pr.gate': {
    why: 'A reservation keeps others away from a shared device, and needs a helper with privileges on the node.',
    accepts: [lun(claim)],
    refuses: [
      [{ ...disk({ lun: { bus: 'scsi', reservation: true } }), ...volume(claim) }, `${D}.lun.reservation`],
      [{ ...lun({ dataVolume: { name: 'c' } }), [`${D}.lun.reservation`]: true }, `${D}.lun.reservation`],
    ],
  },
  'disk.boot-order-dup': {
    accepts: [order(1, 2)],
    refuses: [
      [order(1, 1), `${DEV}.disks[1].bootOrder`],
      [{ [`${D}.bootOrder`]: 2, ...iface({ bootOrder: 2 }) }, `${IF}.bootOrder`],
    ],
  },
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
      { [`${D}.disk`]: { bus: 'virtio', pciAddress: '0000:81:01.0' } },
      { [`${D}.disk`]: { pciAddress: '0000:81:01.0' } },
    ],
    refuses: [
      [{ [`${D}.disk`]: { bus: 'scsi', pciAddress: '0000:81:01.0' } }, `${D}.disk.pciAddress`],
      [{ [`${D}.disk`]: { bus: 'usb', pciAddress: '0000:81:01.0' } }, `${D}.disk.pciAddress`],
    ],
  },
  'disk.pci-format': {
    accepts: [
      { [`${D}.disk`]: { bus: 'virtio', pciAddress: '0000:81:01.0' } },
      { [`${D}.disk`]: { bus: 'virtio', pciAddress: 'ABCD:ef:01.7' } },
    ],
    refuses: [
      [{ [`${D}.disk`]: { bus: 'virtio', pciAddress: '0000:81:01:0' } }, `${D}.disk.pciAddress`],
      [{ [`${D}.disk`]: { bus: 'virtio', pciAddress: '0000:81:01.8' } }, `${D}.disk.pciAddress`],
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
    why: 'libvirt refuses longer serial numbers.',
    accepts: [{ [`${D}.serial`]: 'a'.repeat(256) }],
    refuses: [
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
  'disk.error-policy': {
    accepts: [{ [`${D}.errorPolicy`]: 'stop' }, { [`${D}.errorPolicy`]: 'enospace' }],
    refuses: [
      [{ [`${D}.errorPolicy`]: 'panic' }, `${D}.errorPolicy`],
      [{ [`${D}.errorPolicy`]: 'Stop' }, `${D}.errorPolicy`],
    ],
  },
  'disk.block-both': {
    accepts: [
      custom({ logical: 4096, physical: 4096 }),
      { [`${D}.blockSize`]: { custom: { logical: 512, physical: 512 }, matchVolume: { enabled: false } } },
    ],
    refuses: [
      [{ [`${D}.blockSize`]: { custom: { logical: 4096, physical: 4096 }, matchVolume: {} } }, `${D}.blockSize`],
      [{ [`${D}.blockSize`]: { custom: {}, matchVolume: { enabled: true } } }, `${D}.blockSize`],
    ],
  },
  'disk.block-size': {
    accepts: [
      custom({ logical: 512, physical: 4096 }),
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
    why: 'The number of queues is that of the CPUs, and queues without CPUs of their own only cost.',
    accepts: [
      { [`${DEV}.blockMultiQueue`]: true, [`${REQ}.cpu`]: 2 },
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
    why: 'A path with `..` would lead out of the image.',
    accepts: [{ [`${V}.containerDisk.path`]: '/disk/debian.img' }, { [`${V}.containerDisk.path`]: '/disk/a/' }],
    refuses: [
      [{ [`${V}.containerDisk.path`]: 'debian.img' }, `${V}.containerDisk.path`],
      [{ [`${V}.containerDisk.path`]: '/' }, `${V}.containerDisk.path`],
      [{ [`${V}.containerDisk.path`]: '/disk/../a' }, `${V}.containerDisk.path`],
    ],
  },
};
