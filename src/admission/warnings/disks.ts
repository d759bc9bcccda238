import { instanceWarning } from './warning.js';

/** VIRTIO_BLK_ID_BYTES of virtio, and the 20 characters of ATA's IDENTIFY DEVICE: QEMU cuts the rest without a word. */
const SHOWN_SERIAL = 20;

export const diskWarnings = [
  instanceWarning(
    'W-DSK-1',
    'apply',
    'none: ours',
    `a serial number of more than ${SHOWN_SERIAL} characters on the buses virtio and sata`,
    ({ path, spec }) =>
      (spec.domain.devices.disks ?? []).flatMap(({ serial = '', disk, cdrom, lun }, index) => {
        const bus = (disk ?? cdrom ?? lun)?.bus || 'sata';
        if (serial.length <= SHOWN_SERIAL || lun || (bus !== 'virtio' && bus !== 'sata')) return [];
        const message = `the guest sees the first ${SHOWN_SERIAL} of ${serial.length} characters on the bus ${bus}; write a shorter one, or bus: scsi (at most 36)`;
        return [{ field: `${path}.domain.devices.disks[${index}].serial`, message }];
      }),
  ),
];
