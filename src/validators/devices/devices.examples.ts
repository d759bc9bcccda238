import { DEV, type Change, type ExampleTable } from '../rule/examples.js';

const gpu = (name: string, display: object) => ({ name, deviceName: 'vendor/gpu', virtualGPUOptions: { display } });
const filesystem = (volume: object): Change => ({
  [`${DEV}.filesystems`]: [{ name: 'x', virtiofs: {} }],
  'spec.volumes[2]': { name: 'x', ...volume },
});

/** A KubeVirt object that permits one Grace GPU, one other of NVIDIA's, and one that may be either. */
const permitted = {
  permittedHostDevices: {
    pciHostDevices: [
      { resourceName: 'nvidia.com/grace', pciVendorSelector: '0x10de:0x2342' },
      { resourceName: 'nvidia.com/other', pciVendorSelector: '10DE:1EB8' },
      { resourceName: 'nvidia.com/any', pciVendorSelector: '10de:*' },
      // The exact one counts.
      { resourceName: 'nvidia.com/grace', pciVendorSelector: '10de:*' },
    ],
  },
};
const GRACE_GATES = ['GraceIOVirtualization', 'HostDevices', 'PCINUMAAwareTopology', 'IOMMUFD'];
const gateOff = (off: string) => GRACE_GATES.filter((gate) => gate !== off);
const gpuOf = (deviceName: string): Change => ({ [`${DEV}.gpus`]: [{ name: 'g', deviceName }] });
/** A VM with a Grace GPU, as it has to be. */
const grace = (more: Change = {}): Change => ({
  'spec.architecture': 'arm64',
  'spec.domain.cpu.dedicatedCpuPlacement': true,
  ...gpuOf('nvidia.com/grace'),
  ...more,
});
const graceHostDevice = (more: Change = {}): Change =>
  grace({
    [`${DEV}.gpus`]: undefined,
    [`${DEV}.hostDevices`]: [{ name: 'h', deviceName: 'nvidia.com/grace' }],
    ...more,
  });
const annotation = (name: string, value: string): Change => ({ 'metadata.annotations': { [name]: value } });
const ROOT_COMPLEX = 'kubevirt.io/placePCIDevicesOnRootComplex';
const HOLE64 = 'kubevirt.io/disablePCIHole64';

const graceExamples: ExampleTable = {
  'grace.ambiguous': {
    gates: GRACE_GATES,
    config: permitted,
    accepts: [gpuOf('nvidia.com/other'), grace()],
    refuses: [
      [gpuOf('nvidia.com/any'), `${DEV}.gpus[0].deviceName`],
      [{ [`${DEV}.hostDevices`]: [{ name: 'h', deviceName: 'nvidia.com/any' }] }, `${DEV}.hostDevices[0].deviceName`],
    ],
  },
  'grace.gate': {
    gates: ['HostDevices'],
    config: permitted,
    accepts: [gpuOf('nvidia.com/other'), gpuOf('nvidia.com/any')],
    refuses: [
      [grace(), `${DEV}.gpus[0].deviceName`],
      [graceHostDevice(), `${DEV}.hostDevices[0].deviceName`],
    ],
  },
  'grace.arch': {
    gates: GRACE_GATES,
    config: permitted,
    accepts: [grace()],
    refuses: [
      [grace({ 'spec.architecture': 'amd64' }), 'spec.architecture'],
      [graceHostDevice({ 'spec.architecture': 's390x' }), 'spec.architecture'],
    ],
  },
  'grace.machine': {
    gates: GRACE_GATES,
    // Only a cluster that permits other machines than virt comes so far.
    config: { ...permitted, emulatedMachines: ['*'] },
    accepts: [grace({ 'spec.domain.machine.type': 'virt-9.2' })],
    refuses: [
      [grace({ 'spec.domain.machine.type': 'sbsa-ref' }), 'spec.domain.machine.type'],
      [graceHostDevice({ 'spec.domain.machine.type': 'raspi4b' }), 'spec.domain.machine.type'],
    ],
  },
  'grace.dedicated': {
    gates: GRACE_GATES,
    config: permitted,
    accepts: [grace()],
    refuses: [
      [grace({ 'spec.domain.cpu.dedicatedCpuPlacement': false }), 'spec.domain.cpu.dedicatedCpuPlacement'],
      [
        graceHostDevice({ 'spec.domain.cpu.dedicatedCpuPlacement': undefined }),
        'spec.domain.cpu.dedicatedCpuPlacement',
      ],
    ],
  },
  'grace.numa-gate': {
    gates: gateOff('PCINUMAAwareTopology'),
    config: permitted,
    accepts: [gpuOf('nvidia.com/other')],
    refuses: [
      [grace(), `${DEV}.gpus[0]`],
      [graceHostDevice(), `${DEV}.hostDevices[0]`],
    ],
  },
  'grace.iommufd-gate': {
    gates: gateOff('IOMMUFD'),
    config: permitted,
    accepts: [gpuOf('nvidia.com/other')],
    refuses: [
      [grace(), `${DEV}.gpus[0]`],
      [graceHostDevice(), `${DEV}.hostDevices[0]`],
    ],
  },
  'grace.root-complex': {
    gates: GRACE_GATES,
    config: permitted,
    accepts: [grace(annotation(ROOT_COMPLEX, 'false')), annotation(ROOT_COMPLEX, 'true')],
    refuses: [
      [grace(annotation(ROOT_COMPLEX, 'true')), `metadata.annotations[${ROOT_COMPLEX}]`],
      [graceHostDevice(annotation(ROOT_COMPLEX, 'true')), `metadata.annotations[${ROOT_COMPLEX}]`],
    ],
  },
  'grace.hole64': {
    gates: GRACE_GATES,
    config: permitted,
    accepts: [grace(annotation(HOLE64, 'false')), annotation(HOLE64, 'true')],
    refuses: [
      [grace(annotation(HOLE64, 'true')), `metadata.annotations[${HOLE64}]`],
      [graceHostDevice(annotation(HOLE64, 'true')), `metadata.annotations[${HOLE64}]`],
    ],
  },
};

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
  'fs.storage-gate': {
    accepts: [
      {
        [`${DEV}.disks[2]`]: { name: 'x', disk: { bus: 'virtio' } },
        'spec.volumes[2]': { name: 'x', persistentVolumeClaim: { claimName: 'c' } },
      },
      filesystem({ configMap: { name: 'c' } }),
    ],
    refuses: [
      [filesystem({ persistentVolumeClaim: { claimName: 'c' } }), `${DEV}.filesystems[0]`],
      [filesystem({ dataVolume: { name: 'd' } }), `${DEV}.filesystems[0]`],
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
      { [`${DEV}.panicDevices`]: [{ model: 'hyperv' }, { model: 'isa' }, { model: 'pvpanic' }, {}] },
    ],
    refuses: [
      [{ [`${DEV}.panicDevices`]: [{ model: 'isa' }, { model: 'pseries' }] }, `${DEV}.panicDevices[1].model`],
      [{ [`${DEV}.panicDevices`]: [{ model: '' }] }, `${DEV}.panicDevices[0].model`],
    ],
  },
  ...graceExamples,
};
