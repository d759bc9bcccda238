import { DEV, type Change, type ExampleTable } from '../rule/examples.js';

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

export const nvidiaGraceExamples: ExampleTable = {
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
