import { DEV, type ExampleTable } from '../rule/examples.js';

const LOADER = 'spec.domain.firmware.bootloader';

export const machineExamples: ExampleTable = {
  'arch.unknown': {
    accepts: [{ 'spec.architecture': 'amd64' }, { 'spec.architecture': 's390x' }],
    refuses: [
      [{ 'spec.architecture': 'x86_64' }, 'spec.architecture'],
      [{ 'spec.architecture': 'ppc64le' }, 'spec.architecture'],
    ],
  },
  'machine.type': {
    why: 'The cluster lists the machine types that its nodes support: `architectureConfiguration` of the KubeVirt object.',
    accepts: [{ 'spec.domain.machine.type': 'q35' }, { 'spec.domain.machine.type': 'pc-q35-7.2' }],
    refuses: [
      [{ 'spec.domain.machine.type': 'pc' }, 'spec.domain.machine.type'],
      [{ 'spec.domain.machine.type': 'pc-i440fx-7.2' }, 'spec.domain.machine.type'],
    ],
  },
  'machine.unknown': {
    why: "The launcher image brings its own QEMU, so what it has is known. A type of another version or another vendor's build, such as `pc-q35-rhel9.4.0`, is accepted: the VM gets the nearest, and a warning says which.",
    accepts: [
      { 'spec.domain.machine.type': 'q35' },
      { 'spec.domain.machine.type': 'pc-q35-10.0' },
      { 'spec.domain.machine.type': 'pc-q35-rhel9.4.0' },
    ],
    refuses: [
      [{ 'spec.domain.machine.type': 'q35s' }, 'spec.domain.machine.type'],
      [{ 'spec.domain.machine.type': 'pc-q35-newest' }, 'spec.domain.machine.type'],
    ],
  },
  'fw.bios-and-efi': {
    accepts: [{ [LOADER]: { efi: { secureBoot: false } } }, { [`${LOADER}.bios`]: {} }],
    refuses: [
      [{ [LOADER]: { bios: {}, efi: { secureBoot: false } } }, LOADER],
      [{ [LOADER]: { bios: { useSerial: true }, efi: { secureBoot: false } } }, LOADER],
    ],
  },
  'start.strategy': {
    accepts: [{ 'spec.startStrategy': 'Paused' }],
    refuses: [
      [{ 'spec.startStrategy': 'paused' }, 'spec.startStrategy'],
      [{ 'spec.startStrategy': 'Always' }, 'spec.startStrategy'],
    ],
  },
  'start.liveness': {
    why: 'The probe would fail and end the guest before anybody resumes it.',
    accepts: [
      { 'spec.startStrategy': 'Paused', 'spec.livenessProbe': undefined },
      { 'spec.livenessProbe': { guestAgentPing: {} } },
    ],
    refuses: [
      [{ 'spec.startStrategy': 'Paused', 'spec.livenessProbe': { guestAgentPing: {} } }, 'spec.startStrategy'],
      [{ 'spec.startStrategy': 'Paused', 'spec.livenessProbe': { exec: { command: ['a'] } } }, 'spec.startStrategy'],
    ],
  },
  'eviction.strategy': {
    accepts: [{ 'spec.evictionStrategy': 'None' }, { 'spec.evictionStrategy': 'External' }],
    refuses: [
      [{ 'spec.evictionStrategy': 'none' }, 'spec.evictionStrategy'],
      [{ 'spec.evictionStrategy': 'Migrate' }, 'spec.evictionStrategy'],
    ],
  },
  'input.device': {
    accepts: [{ [`${DEV}.inputs`]: [{ name: 'pointer', type: 'tablet', bus: 'virtio' }] }],
    refuses: [
      [{ [`${DEV}.inputs`]: [{ name: 'pointer', type: 'mouse', bus: 'virtio' }] }, `${DEV}.inputs[0].type`],
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
      { 'spec.domain.ioThreadsPolicy': 'auto' },
    ],
    refuses: [
      [
        { 'spec.domain.ioThreadsPolicy': 'supplementalPool', 'spec.domain.ioThreads.supplementalPoolThreadCount': 0 },
        'spec.domain.ioThreads.supplementalPoolThreadCount',
      ],
      [{ 'spec.domain.ioThreadsPolicy': 'supplementalPool' }, 'spec.domain.ioThreads.supplementalPoolThreadCount'],
      [
        { 'spec.domain.ioThreadsPolicy': 'supplementalPool', 'spec.domain.ioThreads.supplementalPoolThreadCount': 257 },
        'spec.domain.ioThreads.supplementalPoolThreadCount',
      ],
      [
        { 'spec.domain.ioThreadsPolicy': 'supplementalPool', 'spec.domain.ioThreads.supplementalPoolThreadCount': 0 },
        'spec.domain.ioThreads.supplementalPoolThreadCount',
      ],
    ],
  },
  'video.no-graphics': {
    accepts: [
      { [`${DEV}.video.type`]: 'vga', [`${DEV}.autoattachGraphicsDevice`]: true },
      { [`${DEV}.autoattachGraphicsDevice`]: false },
    ],
    refuses: [
      [{ [`${DEV}.video.type`]: 'vga', [`${DEV}.autoattachGraphicsDevice`]: false }, `${DEV}.video`],
      [{ [`${DEV}.video.type`]: 'bochs', [`${DEV}.autoattachGraphicsDevice`]: false }, `${DEV}.video`],
    ],
  },
  'video.type': {
    accepts: [{ [`${DEV}.video.type`]: 'virtio' }, { [`${DEV}.video.type`]: 'bochs' }],
    refuses: [
      [{ [`${DEV}.video.type`]: 'qxl' }, `${DEV}.video.type`],
      [{ [`${DEV}.video`]: {} }, `${DEV}.video.type`],
    ],
  },
};
