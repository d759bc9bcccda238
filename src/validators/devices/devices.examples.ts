import { DEV, type ExampleTable } from '../rule/examples.js';

const gpu = (name: string, display: object) => ({ name, deviceName: 'vendor/gpu', virtualGPUOptions: { display } });
export const devicesExamples: ExampleTable = {
  'gpu.ramfb': {
    why: 'The RAM framebuffer shows what the guest draws before its driver is there, and a VM shows one picture.',
    accepts: [
      { [`${DEV}.gpus`]: [gpu('a', {}), gpu('b', { ramFB: { enabled: false } })] },
      { [`${DEV}.gpus`]: [gpu('a', {}), gpu('b', { ramFB: { enabled: false } }), gpu('c', { enabled: false })] },
    ],
    refuses: [
      [{ [`${DEV}.gpus`]: [gpu('a', {}), gpu('b', {})] }, `${DEV}.gpus[1].virtualGPUOptions.display`],
      [
        { [`${DEV}.gpus`]: [gpu('a', { enabled: false }), gpu('b', { ramFB: {} }), gpu('c', { enabled: true })] },
        `${DEV}.gpus[2].virtualGPUOptions.display`,
      ],
    ],
  },
  'hostdev.gate': {
    why: 'A device of the node can reach its memory.',
    accepts: [{ [`${DEV}.hostDevices`]: [] }],
    refuses: [
      [{ [`${DEV}.hostDevices`]: [{ name: 'h', deviceName: 'vendor/nic' }] }, `${DEV}.hostDevices`],
      [
        {
          [`${DEV}.hostDevices`]: [
            { name: 'a', deviceName: 'vendor/nic' },
            { name: 'b', deviceName: 'vendor/usb' },
          ],
        },
        `${DEV}.hostDevices`,
      ],
    ],
  },
  'vsock.gate': {
    why: 'A VSOCK device reaches the node past every network policy.',
    accepts: [{ [`${DEV}.autoattachVSOCK`]: false }],
    refuses: [
      [{ [`${DEV}.autoattachVSOCK`]: true }, `${DEV}.autoattachVSOCK`],
      [{ [`${DEV}.autoattachVSOCK`]: true, 'spec.architecture': 's390x' }, `${DEV}.autoattachVSOCK`],
    ],
  },
  'dm.device-gate': {
    why: 'The guest would see figures of its node.',
    accepts: [{ [`${DEV}.downwardMetrics`]: undefined }],
    refuses: [
      [{ [`${DEV}.downwardMetrics`]: {} }, `${DEV}.downwardMetrics`],
      [{ [`${DEV}.downwardMetrics`]: {}, 'spec.architecture': 'arm64' }, `${DEV}.downwardMetrics`],
    ],
  },
  'sound.model': {
    accepts: [{ [`${DEV}.sound`]: { name: 's', model: 'ac97' } }, { [`${DEV}.sound`]: { name: 's', model: '' } }],
    refuses: [
      [{ [`${DEV}.sound`]: { name: 's', model: 'sb16' } }, `${DEV}.sound.model`],
      [{ [`${DEV}.sound`]: { name: 's', model: 'ICH9' } }, `${DEV}.sound.model`],
    ],
  },
  'sound.name': {
    accepts: [{ [`${DEV}.sound`]: { name: 's' } }],
    refuses: [
      [{ [`${DEV}.sound`]: { name: '' } }, `${DEV}.sound.name`],
      [{ [`${DEV}.sound`]: { name: '', model: 'ich9' } }, `${DEV}.sound.name`],
    ],
  },
  'serial.log': {
    accepts: [
      { [`${DEV}.logSerialConsole`]: true },
      { [`${DEV}.logSerialConsole`]: false, [`${DEV}.autoattachSerialConsole`]: false },
    ],
    refuses: [
      [{ [`${DEV}.logSerialConsole`]: true, [`${DEV}.autoattachSerialConsole`]: false }, `${DEV}.logSerialConsole`],
      [
        { [`${DEV}.logSerialConsole`]: true, [`${DEV}.autoattachSerialConsole`]: false, 'spec.networks': undefined },
        `${DEV}.logSerialConsole`,
      ],
    ],
  },
  'panic.s390x': {
    accepts: [{ [`${DEV}.panicDevices`]: [], 'spec.architecture': 's390x' }, { [`${DEV}.panicDevices`]: [{}] }],
    refuses: [
      [{ [`${DEV}.panicDevices`]: [{}], 'spec.architecture': 's390x' }, `${DEV}.panicDevices`],
      [{ [`${DEV}.panicDevices`]: [{ model: 'no' }], 'spec.architecture': 's390x' }, `${DEV}.panicDevices`],
    ],
  },
  'panic.model': {
    accepts: [
      { [`${DEV}.panicDevices`]: [{ model: 'isa' }, { model: 'pvpanic' }] },
      { [`${DEV}.panicDevices`]: [{ model: 'hyperv' }, { model: 'pvpanic' }, {}] },
    ],
    refuses: [
      [{ [`${DEV}.panicDevices`]: [{ model: 'isa' }, { model: 'pseries' }] }, `${DEV}.panicDevices[1].model`],
      [{ [`${DEV}.panicDevices`]: [{ model: '' }] }, `${DEV}.panicDevices[0].model`],
    ],
  },
  'panic.twice': {
    why: 'One that names no model is `isa`.',
    accepts: [{ [`${DEV}.panicDevices`]: [{ model: 'isa' }, { model: 'hyperv' }] }],
    refuses: [
      [{ [`${DEV}.panicDevices`]: [{ model: 'isa' }, { model: 'isa' }] }, `${DEV}.panicDevices[1].model`],
      [{ [`${DEV}.panicDevices`]: [{ model: 'isa' }, {}] }, `${DEV}.panicDevices[1].model`],
    ],
  },
};
