import { DEV, type ExampleTable } from './shared.js';

export const machineExamples: ExampleTable = {
  'arch.unknown': {
    accepts: [{ 'spec.architecture': 's390x' }],
    refuses: [
      [{ 'spec.architecture': 'ppc64le' }, 'spec.architecture'],
      [{ 'spec.architecture': 'x86_64' }, 'spec.architecture'],
    ],
  },
  'machine.type': {
    accepts: [{ 'spec.domain.machine.type': 'pc-q35-7.2' }],
    refuses: [
      [{ 'spec.domain.machine.type': 'pc' }, 'spec.domain.machine.type'],
      [{ 'spec.domain.machine.type': 'pc-i440fx-7.2' }, 'spec.domain.machine.type'],
    ],
  },
  'fw.bios-and-efi': {
    accepts: [{ 'spec.domain.firmware.bootloader.bios': {} }],
    refuses: [
      [{ 'spec.domain.firmware.bootloader': { bios: {}, efi: {} } }, 'spec.domain.firmware.bootloader'],
      [
        { 'spec.domain.firmware.bootloader': { bios: { useSerial: true }, efi: { secureBoot: false } } },
        'spec.domain.firmware.bootloader',
      ],
    ],
  },
  'start.strategy': {
    accepts: [{ 'spec.startStrategy': 'Paused' }],
    refuses: [
      [{ 'spec.startStrategy': 'paused' }, 'spec.startStrategy'],
      [{ 'spec.startStrategy': '' }, 'spec.startStrategy'],
    ],
  },
  'start.liveness': {
    accepts: [{ 'spec.startStrategy': 'Paused' }],
    refuses: [
      [{ 'spec.startStrategy': 'Paused', 'spec.livenessProbe': { guestAgentPing: {} } }, 'spec.startStrategy'],
      [{ 'spec.startStrategy': 'Paused', 'spec.livenessProbe': { exec: { command: ['a'] } } }, 'spec.startStrategy'],
    ],
  },
  'eviction.strategy': {
    accepts: [{ 'spec.evictionStrategy': 'External' }],
    refuses: [
      [{ 'spec.evictionStrategy': 'Migrate' }, 'spec.evictionStrategy'],
      [{ 'spec.evictionStrategy': 'none' }, 'spec.evictionStrategy'],
    ],
  },
  'input.device': {
    accepts: [{ [`${DEV}.inputs`]: [{ name: 'i', type: 'tablet', bus: 'virtio' }] }],
    refuses: [
      [{ [`${DEV}.inputs`]: [{ name: 'i', type: 'keyboard', bus: 'usb' }] }, `${DEV}.inputs[0].type`],
      [{ [`${DEV}.inputs`]: [{ name: 'i', type: 'tablet', bus: 'ps2' }] }, `${DEV}.inputs[0].bus`],
    ],
  },
  'iothreads.policy': {
    accepts: [{ 'spec.domain.ioThreadsPolicy': 'auto' }, { 'spec.domain.ioThreadsPolicy': 'shared' }],
    refuses: [
      [{ 'spec.domain.ioThreadsPolicy': 'exclusive' }, 'spec.domain.ioThreadsPolicy'],
      [{ 'spec.domain.ioThreadsPolicy': 'Auto' }, 'spec.domain.ioThreadsPolicy'],
    ],
  },
  'iothreads.pool-count': {
    accepts: [
      { 'spec.domain.ioThreadsPolicy': 'supplementalPool', 'spec.domain.ioThreads.supplementalPoolThreadCount': 1 },
    ],
    refuses: [
      [
        { 'spec.domain.ioThreadsPolicy': 'supplementalPool', 'spec.domain.ioThreads.supplementalPoolThreadCount': 0 },
        'spec.domain.ioThreads.supplementalPoolThreadCount',
      ],
      [{ 'spec.domain.ioThreadsPolicy': 'supplementalPool' }, 'spec.domain.ioThreads.supplementalPoolThreadCount'],
    ],
  },
  'video.no-graphics': {
    accepts: [{ [`${DEV}.video.type`]: 'vga' }],
    refuses: [
      [{ [`${DEV}.video.type`]: 'vga', [`${DEV}.autoattachGraphicsDevice`]: false }, `${DEV}.video`],
      [{ [`${DEV}.video.type`]: 'bochs', [`${DEV}.autoattachGraphicsDevice`]: false }, `${DEV}.video`],
    ],
  },
  'video.type': {
    accepts: [{ [`${DEV}.video.type`]: 'bochs' }],
    refuses: [
      [{ [`${DEV}.video.type`]: 'qxl' }, `${DEV}.video.type`],
      [{ [`${DEV}.video`]: {} }, `${DEV}.video.type`],
    ],
  },
};
