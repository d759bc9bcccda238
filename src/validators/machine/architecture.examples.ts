import { CPU, DEV, REQ, type ExampleTable } from '../rule/examples.js';

const FW = 'spec.domain.firmware';
const EFI = `${FW}.bootloader.efi`;

export const architectureExamples: ExampleTable = {
  'arch.watchdog': {
    accepts: [
      { [`${DEV}.watchdog`]: { name: 'w', i6300esb: {} } },
      { [`${DEV}.watchdog`]: { name: 'w', i6300esb: { action: 'poweroff' } } },
      { [`${DEV}.watchdog`]: { name: 'w', diag288: {} }, 'spec.architecture': 's390x' },
    ],
    refuses: [
      [{ [`${DEV}.watchdog`]: { name: 'w', diag288: {} } }, `${DEV}.watchdog`],
      [{ [`${DEV}.watchdog`]: { name: 'w', i6300esb: {} }, 'spec.architecture': 's390x' }, `${DEV}.watchdog`],
      [{ [`${DEV}.watchdog`]: { name: 'w' }, 'spec.architecture': 'arm64' }, `${DEV}.watchdog`],
    ],
  },
  'arch.arm64-bios': {
    accepts: [
      { 'spec.architecture': 'arm64', [EFI]: {} },
      { 'spec.architecture': 'arm64' },
      { [`${FW}.bootloader.bios`]: {} },
    ],
    refuses: [
      [{ 'spec.architecture': 'arm64', [`${FW}.bootloader.bios`]: {} }, `${FW}.bootloader.bios`],
      [{ 'spec.architecture': 'arm64', [`${FW}.bootloader`]: { bios: {}, efi: {} } }, `${FW}.bootloader.bios`],
    ],
  },
  'arch.arm64-cpu': {
    why: 'The only model that a VM can have on arm64 is that of its node.',
    accepts: [{ 'spec.architecture': 'arm64', [`${CPU}.model`]: 'host-passthrough' }, { [`${CPU}.model`]: 'Haswell' }],
    refuses: [
      [{ 'spec.architecture': 'arm64', [`${CPU}.model`]: 'host-model' }, `${CPU}.model`],
      [{ 'spec.architecture': 'arm64', [`${CPU}.model`]: 'cortex-a57', [`${REQ}.cpu`]: 1 }, `${CPU}.model`],
    ],
  },
  'arch.arm64-bus': {
    accepts: [
      { 'spec.architecture': 'arm64', [`${DEV}.disks[0].disk.bus`]: 'scsi' },
      { 'spec.architecture': 'arm64', [`${DEV}.disks[0]`]: { name: 'root', cdrom: {} } },
    ],
    refuses: [
      [{ 'spec.architecture': 'arm64', [`${DEV}.disks[0].disk.bus`]: 'sata' }, `${DEV}.disks[0].disk.bus`],
      [
        { 'spec.architecture': 'arm64', [`${DEV}.disks[1]`]: { name: 'init', cdrom: { bus: 'usb' } } },
        `${DEV}.disks[1].cdrom.bus`,
      ],
    ],
  },
  'arch.arm64-sound': {
    accepts: [{ 'spec.architecture': 'arm64', [`${DEV}.sound`]: undefined }, { [`${DEV}.sound`]: { name: 's' } }],
    refuses: [
      [{ 'spec.architecture': 'arm64', [`${DEV}.sound`]: { name: 's' } }, `${DEV}.sound`],
      [{ 'spec.architecture': 'arm64', [`${DEV}.sound`]: { name: '', model: 'sb16' } }, `${DEV}.sound`],
    ],
  },
};
