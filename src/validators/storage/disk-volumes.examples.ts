import { D, DEV, disk, IF, iface, image, lun, root, type ExampleTable, V, volume } from '../rule/examples.js';
import { disksAndVolumes } from './example-parts.js';

const claim = { persistentVolumeClaim: { claimName: 'debian' } };
const readOnlyClaim = { name: 'root', persistentVolumeClaim: { claimName: 'debian', readOnly: true } };
const metrics = (target: object) => ({ ...disk(target), ...volume({ downwardMetrics: {} }) });
const order = (first: number, second: number) => ({ [`${D}.bootOrder`]: first, [`${DEV}.disks[1].bootOrder`]: second });

export const diskVolumesExamples: ExampleTable = {
  'iface.boot-order-min': {
    accepts: [iface({ bootOrder: 1 })],
    refuses: [
      [iface({ bootOrder: 0 }), `${IF}.bootOrder`],
      [iface({ bootOrder: -1 }), `${IF}.bootOrder`],
    ],
  },
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
  'disk.shareable-source': {
    accepts: [{ [D]: { name: 'root', disk: {}, shareable: true }, [V]: { name: 'root', ...claim } }],
    refuses: [
      [{ [`${D}.shareable`]: true }, `${D}.shareable`],
      [{ [`${D}.shareable`]: true, [V]: { name: 'root', emptyDisk: { capacity: '1Gi' } } }, `${D}.shareable`],
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
};
