import { CI, CPU, D, DEV, iface, LIM, pinned, REQ, V } from '../../../src/validators/rule/examples.js';
import { accepted, group, refused, withConfig, withGates, type SpecCase } from './spec-case.js';

/* docs/reference/admission.md §4.2: every default, in its order, and what it builds on. */

const MEM = 'spec.domain.memory';
const arm = { 'spec.architecture': 'arm64' };
const s390x = { 'spec.architecture': 's390x' };
const hyperv = (features: object) => ({ 'spec.domain.features': { hyperv: features } });
const HV = 'spec.domain.features.hyperv';
const image = (name: string) => ({ [`${V}.containerDisk.image`]: name });
const policy = `${V}.containerDisk.imagePullPolicy`;
const noMemory = { 'spec.domain.resources': undefined };

const basics: readonly SpecCase[] = [
  accepted('no architecture', { 'spec.architecture': undefined }, { 'spec.architecture': 'amd64' }),
  withConfig(
    accepted(
      'an empty architecture of an arm64 cluster',
      { 'spec.architecture': '' },
      { 'spec.architecture': 'arm64', 'spec.domain.machine.type': 'virt' },
    ),
    {
      architectureConfiguration: { defaultArchitecture: 'arm64' },
    },
  ),
  accepted('no machine', {}, { 'spec.domain.machine.type': 'q35' }),
  accepted('an empty machine', { 'spec.domain.machine': {} }, { 'spec.domain.machine.type': 'q35' }),
  withConfig(accepted('the machine of the architecture', {}, { 'spec.domain.machine.type': 'pc-q35-8.2' }), {
    architectureConfiguration: { amd64: { machineType: 'pc-q35-8.2' } },
  }),
  withConfig(
    accepted('the machine of the cluster comes before the architecture’s', {}, { 'spec.domain.machine.type': 'q35-x' }),
    {
      machineType: 'q35-x',
      architectureConfiguration: { amd64: { machineType: 'pc-q35-8.2' } },
    },
  ),
  accepted('arm64', arm, {
    'spec.domain.machine.type': 'virt',
    'spec.domain.cpu.model': 'host-passthrough',
    'spec.domain.firmware.bootloader.efi.secureBoot': false,
    'spec.domain.cpu.maxSockets': undefined,
    'spec.domain.memory.maxGuest': undefined,
    'metadata.annotations': { 'kubevirt.io/pci-topology-version': 'v3' },
  }),
  accepted(
    'arm64 with a secure boot of its own',
    { ...arm, 'spec.domain.firmware.bootloader.efi': { persistent: true } },
    {
      'spec.domain.firmware.bootloader.efi': { persistent: true, secureBoot: false },
    },
  ),
  accepted('arm64 with a bus of no name', { ...arm, [`${D}.disk`]: {} }, { [`${D}.disk.bus`]: 'virtio' }),
  accepted(
    's390x',
    { ...s390x, [`${D}.disk`]: {} },
    {
      'spec.domain.machine.type': 's390-ccw-virtio',
      'spec.domain.features.acpi.enabled': false,
      [`${D}.disk.bus`]: 'virtio',
      'spec.domain.cpu.maxSockets': 4,
      'spec.domain.memory.maxGuest': undefined,
      'metadata.annotations': undefined,
    },
  ),
  accepted(
    's390x with ACPI',
    { ...s390x, 'spec.domain.features.acpi': { enabled: true } },
    { 'spec.domain.features.acpi.enabled': true },
  ),
  refused('an unknown architecture has amd64’s machine', { 'spec.architecture': 'riscv64' }, 'spec.architecture'),
];

const cpu: readonly SpecCase[] = [
  accepted(
    'a CPU limit',
    { [`${LIM}.cpu`]: '2' },
    { [`${REQ}.cpu`]: '2', [`${CPU}.sockets`]: 2, [`${CPU}.maxSockets`]: 8 },
  ),
  accepted('a CPU limit and a request of zero', { [`${LIM}.cpu`]: '2', [`${REQ}.cpu`]: '0' }, { [`${REQ}.cpu`]: '2' }),
  accepted(
    'a CPU limit and a request',
    { [`${LIM}.cpu`]: '3', [`${REQ}.cpu`]: '1' },
    { [`${REQ}.cpu`]: '1', [`${CPU}.sockets`]: 3 },
  ),
  accepted(
    'a CPU limit of zero',
    { [`${LIM}.cpu`]: '0' },
    { [`${REQ}.cpu`]: undefined, [`${CPU}.sockets`]: undefined, [`${CPU}.cores`]: 1, [`${CPU}.maxSockets`]: undefined },
  ),
  accepted('a CPU request of zero', { [`${REQ}.cpu`]: '0' }, { [`${CPU}.sockets`]: undefined, [`${CPU}.threads`]: 1 }),
  accepted('a CPU limit of a fraction', { [`${LIM}.cpu`]: '2200m' }, { [`${CPU}.sockets`]: 3 }),
  accepted('a CPU request of a fraction', { [`${REQ}.cpu`]: '0.5' }, { [`${CPU}.sockets`]: 1, [`${REQ}.cpu`]: '500m' }),
  accepted('a CPU request of an exponent', { [`${REQ}.cpu`]: '1e1' }, { [`${CPU}.sockets`]: 10 }),
  accepted('a CPU request with a sign', { [`${REQ}.cpu`]: '+2' }, { [`${CPU}.sockets`]: 2 }),
  accepted('a CPU request of 1n', { [`${REQ}.cpu`]: '1n' }, { [`${CPU}.sockets`]: 1 }),
  accepted('a CPU request as a number', { [`${REQ}.cpu`]: 2 }, { [`${CPU}.sockets`]: 2 }),
  withConfig(accepted('the cluster’s CPU request', {}, { [`${REQ}.cpu`]: '200m', [`${CPU}.sockets`]: 1 }), {
    cpuRequest: '200m',
  }),
  withConfig(accepted('the cluster’s CPU request of 100m', {}, { [`${REQ}.cpu`]: undefined }), { cpuRequest: '100m' }),
  withConfig(accepted('the cluster’s CPU request beside one', { [`${REQ}.cpu`]: '3' }, { [`${REQ}.cpu`]: '3' }), {
    cpuRequest: '200m',
  }),
  withConfig(accepted('the cluster’s CPU request after a limit', { [`${LIM}.cpu`]: '2' }, { [`${REQ}.cpu`]: '2' }), {
    cpuRequest: '200m',
  }),
  withConfig(accepted('the cluster’s CPU request and dedicated CPUs', pinned, { [`${REQ}.cpu`]: undefined }), {
    cpuRequest: '200m',
  }),
  accepted('cores alone', { [CPU]: { cores: 4 } }, { [CPU]: { cores: 4, model: 'host-model' } }),
  accepted('threads alone', { [CPU]: { threads: 2 } }, { [CPU]: { threads: 2, model: 'host-model' } }),
  accepted('sockets alone', { [CPU]: { sockets: 2 } }, { [CPU]: { sockets: 2, maxSockets: 8, model: 'host-model' } }),
  accepted(
    'a topology of zeros',
    { [CPU]: { cores: 0, sockets: 0, threads: 0 } },
    { [`${CPU}.sockets`]: 1, [`${CPU}.cores`]: 1, [`${CPU}.threads`]: 1 },
  ),
  accepted(
    'more vCPUs than hotplug may reach',
    { [CPU]: { sockets: 200, cores: 2, threads: 1 } },
    { [`${CPU}.maxSockets`]: 256 },
  ),
  accepted(
    'more sockets than hotplug may reach',
    { [CPU]: { sockets: 300, cores: 2, threads: 1 } },
    { [`${CPU}.maxSockets`]: 300 },
  ),
  accepted(
    '128 vCPUs: hotplug reaches 512',
    { [CPU]: { sockets: 128, cores: 1, threads: 1 } },
    { [`${CPU}.maxSockets`]: 512 },
  ),
  accepted(
    'maxSockets of zero',
    { [CPU]: { sockets: 2, cores: 1, threads: 1, maxSockets: 0 } },
    { [`${CPU}.maxSockets`]: 8 },
  ),
  accepted('maxSockets', { [`${CPU}.maxSockets`]: 3 }, { [`${CPU}.maxSockets`]: 3, [`${CPU}.sockets`]: 1 }),
  withConfig(accepted('the cluster’s maxCpuSockets', {}, { [`${CPU}.maxSockets`]: 8 }), {
    liveUpdateConfiguration: { maxCpuSockets: 8 },
  }),
  withConfig(
    accepted(
      'the cluster’s maxCpuSockets below the sockets',
      { [CPU]: { sockets: 16, cores: 1, threads: 1 } },
      { [`${CPU}.maxSockets`]: 16 },
    ),
    { liveUpdateConfiguration: { maxCpuSockets: 8 } },
  ),
  withConfig(accepted('the cluster’s ratio', {}, { [`${CPU}.maxSockets`]: 2, [`${MEM}.maxGuest`]: '2Gi' }), {
    liveUpdateConfiguration: { maxHotplugRatio: 2 },
  }),
  withConfig(
    accepted('rollout strategy Stage', {}, { [`${CPU}.maxSockets`]: undefined, [`${MEM}.maxGuest`]: undefined }),
    { vmRolloutStrategy: 'Stage' },
  ),
  withConfig(accepted('the cluster’s CPU model', {}, { [`${CPU}.model`]: 'Nehalem' }), { cpuModel: 'Nehalem' }),
  accepted('a CPU model', { [`${CPU}.model`]: 'Nehalem' }, { [`${CPU}.model`]: 'Nehalem' }),
];

const memory: readonly SpecCase[] = [
  accepted('a memory request', { [`${REQ}.memory`]: '2Gi' }, { [`${MEM}.guest`]: '2Gi', [`${MEM}.maxGuest`]: '8Gi' }),
  accepted(
    'a memory limit alone',
    { 'spec.domain.resources': { limits: { memory: '2Gi' } } },
    { [`${MEM}.guest`]: '2Gi', [REQ]: undefined },
  ),
  accepted(
    'a memory limit and a request of zero',
    { [`${REQ}.memory`]: '0', [`${LIM}.memory`]: '2Gi' },
    { [`${MEM}.guest`]: '2Gi' },
  ),
  accepted(
    'huge pages alone',
    { ...noMemory, [`${MEM}.hugepages`]: { pageSize: '1Gi' } },
    { [`${MEM}.guest`]: '1Gi', [`${MEM}.maxGuest`]: '4Gi' },
  ),
  accepted('a request beside huge pages', { [`${MEM}.hugepages`]: { pageSize: '2Mi' } }, { [`${MEM}.guest`]: '1Gi' }),
  accepted('guest memory', { [`${MEM}.guest`]: '3Gi' }, { [`${MEM}.guest`]: '3Gi', [`${MEM}.maxGuest`]: '12Gi' }),
  accepted('an empty memory', { [MEM]: {} }, { [`${MEM}.guest`]: '1Gi' }),
  accepted(
    'less than 1Gi has no hotplug',
    { [`${REQ}.memory`]: '1022Mi' },
    { [`${MEM}.guest`]: '1022Mi', [`${MEM}.maxGuest`]: undefined },
  ),
  accepted(
    'memory that is no multiple of 2Mi has no hotplug',
    { [`${REQ}.memory`]: '1025Mi' },
    { [`${MEM}.maxGuest`]: undefined },
  ),
  accepted(
    'a decimal request has no hotplug',
    { [`${REQ}.memory`]: '2G' },
    { [`${MEM}.guest`]: '2G', [`${MEM}.maxGuest`]: undefined },
  ),
  accepted('an exponent', { [`${REQ}.memory`]: '2e9' }, { [`${MEM}.guest`]: '2e9' }),
  accepted(
    'a fraction of a binary unit',
    { [`${REQ}.memory`]: '1.5Gi' },
    { [`${MEM}.guest`]: '1536Mi', [`${MEM}.maxGuest`]: '6Gi' },
  ),
  accepted(
    '1024Mi is 1Gi',
    { [`${REQ}.memory`]: '1024Mi' },
    { [`${MEM}.guest`]: '1Gi', [`${REQ}.memory`]: '1Gi', [`${MEM}.maxGuest`]: '4Gi' },
  ),
  accepted('a sign', { [`${REQ}.memory`]: '+1Gi' }, { [`${MEM}.guest`]: '1Gi' }),
  accepted('bytes as a number', { [`${REQ}.memory`]: 1073741824 }, { [`${MEM}.maxGuest`]: '4Gi' }),
  accepted('maxGuest', { [`${MEM}.maxGuest`]: '2Gi' }, { [`${MEM}.maxGuest`]: '2Gi' }),
  accepted(
    'a maxGuest below guest, which a VMI may have',
    { [`${MEM}.maxGuest`]: '512Mi' },
    { [`${MEM}.maxGuest`]: '512Mi' },
  ),
  withConfig(accepted('the cluster’s maxGuest', {}, { [`${MEM}.maxGuest`]: '8Gi' }), {
    liveUpdateConfiguration: { maxGuest: '8Gi' },
  }),
  withConfig(
    accepted('the cluster’s maxGuest below guest', { [`${REQ}.memory`]: '16Gi' }, { [`${MEM}.maxGuest`]: undefined }),
    { liveUpdateConfiguration: { maxGuest: '8Gi' } },
  ),
  accepted(
    'huge pages of 1Gi need whole ones for hotplug',
    { [`${MEM}.hugepages`]: { pageSize: '1Gi' }, [`${REQ}.memory`]: '3Gi' },
    { [`${MEM}.maxGuest`]: '12Gi' },
  ),
  accepted(
    'memory over the limit',
    { [`${LIM}.memory`]: '1Gi', [`${MEM}.guest`]: '2Gi' },
    { [`${MEM}.maxGuest`]: '8Gi' },
  ),
];

const volumes: readonly SpecCase[] = [
  accepted('an image without a tag', image('registry.example/disk'), { [policy]: 'Always' }),
  accepted('an image with a tag', image('registry.example/disk:v2'), { [policy]: 'IfNotPresent' }),
  accepted('an image with the tag latest', image('registry.example/disk:latest'), { [policy]: 'Always' }),
  accepted('an image with a digest', image('disk@sha256:00'), { [policy]: 'IfNotPresent' }),
  accepted('an image behind a port', image('host:5000/disk'), { [policy]: 'IfNotPresent' }),
  accepted('an image with a policy', { ...image('disk'), [policy]: 'Never' }, { [policy]: 'Never' }),
  accepted(
    'a volume that no disk names',
    { 'spec.volumes[2]': { name: 'x', emptyDisk: { capacity: '1Gi' } } },
    { [`${DEV}.disks[2]`]: { name: 'x', disk: { bus: 'sata' } } },
  ),
  accepted(
    'volumes that no disk names, in their order',
    {
      [`${DEV}.disks`]: [{ name: 'init', disk: { bus: 'virtio' } }],
      'spec.volumes[2]': { name: 'x', emptyDisk: { capacity: '1Gi' } },
    },
    {
      [`${DEV}.disks[0].name`]: 'init',
      [`${DEV}.disks[1].name`]: 'root',
      [`${DEV}.disks[2].name`]: 'x',
    },
  ),
  accepted(
    'an empty list of disks',
    { [`${DEV}.disks`]: [] },
    { [`${DEV}.disks[1]`]: { name: 'init', disk: { bus: 'sata' } } },
  ),
  accepted(
    'a memory dump gets a disk too',
    { 'spec.volumes[2]': { name: 'x', memoryDump: { claimName: 'c' } } },
    { [`${DEV}.disks[2].name`]: 'x' },
  ),
  accepted(
    'a file system is a use of a volume',
    {
      'spec.volumes[2]': { name: 'x', configMap: { name: 'c' } },
      [`${DEV}.filesystems`]: [{ name: 'x', virtiofs: {} }],
    },
    { [`${DEV}.disks[2]`]: undefined },
  ),
  accepted('a disk of no kind', { [D]: { name: 'root' } }, { [`${D}.disk.bus`]: 'sata' }),
  accepted('a disk of no bus', { [`${D}.disk`]: {} }, { [`${D}.disk.bus`]: 'sata' }),
  accepted('a disk of an empty bus', { [`${D}.disk.bus`]: '' }, { [`${D}.disk.bus`]: 'sata' }),
  accepted(
    'a CD-ROM',
    { [D]: { name: 'root', cdrom: {} } },
    { [`${D}.cdrom`]: { bus: 'sata', readonly: true, tray: 'closed' } },
  ),
  accepted(
    'a CD-ROM with an open tray',
    { [D]: { name: 'root', cdrom: { tray: 'open', readonly: false, bus: 'scsi' } } },
    { [`${D}.cdrom`]: { bus: 'scsi', readonly: false, tray: 'open' } },
  ),
  accepted(
    'block sizes of the volume',
    { [`${D}.blockSize`]: { matchVolume: {} } },
    { [`${D}.blockSize.matchVolume.enabled`]: true },
  ),
  accepted(
    'block sizes not of the volume',
    { [`${D}.blockSize`]: { matchVolume: { enabled: false } } },
    { [`${D}.blockSize.matchVolume.enabled`]: false },
  ),
];

const network: readonly SpecCase[] = [
  accepted(
    'no network',
    {},
    { [`${DEV}.interfaces`]: [{ name: 'default', bridge: {} }], 'spec.networks': [{ name: 'default', pod: {} }] },
  ),
  accepted(
    'empty lists of networks',
    { [`${DEV}.interfaces`]: [], 'spec.networks': [] },
    { 'spec.networks': [{ name: 'default', pod: {} }] },
  ),
  accepted(
    'no pod interface',
    { [`${DEV}.autoattachPodInterface`]: false },
    { [`${DEV}.interfaces`]: undefined, 'spec.networks': undefined },
  ),
  accepted('a pod interface', { [`${DEV}.autoattachPodInterface`]: true }, { [`${DEV}.interfaces[0].bridge`]: {} }),
  accepted('an interface', iface({}), { [`${DEV}.interfaces`]: [{ name: 'default', masquerade: {} }] }),
  withConfig(accepted('the cluster’s masquerade', {}, { [`${DEV}.interfaces[0].masquerade`]: {} }), {
    network: { defaultNetworkInterface: 'masquerade' },
  }),
  withConfig(refused('the cluster’s bridge, not permitted', {}, ''), {
    network: { permitBridgeInterfaceOnPodNetwork: false },
  }),
  withConfig(refused('the cluster’s slirp', {}, ''), { network: { defaultNetworkInterface: 'slirp' } }),
  withConfig(refused('a binding of the cluster that does not exist', {}, 'spec.networks[0].name'), {
    network: { defaultNetworkInterface: 'pigeon' },
  }),
];

const devices: readonly SpecCase[] = [
  accepted(
    'an input',
    { [`${DEV}.inputs`]: [{ name: 't', type: '' }] },
    { [`${DEV}.inputs[0]`]: { name: 't', type: 'tablet', bus: 'usb' } },
  ),
  accepted(
    'an input on virtio',
    { [`${DEV}.inputs`]: [{ name: 't', type: 'tablet', bus: 'virtio' }] },
    { [`${DEV}.inputs[0].bus`]: 'virtio' },
  ),
  accepted(
    'a probe',
    { 'spec.readinessProbe': { tcpSocket: { port: 22 } } },
    {
      'spec.readinessProbe': {
        tcpSocket: { port: 22 },
        timeoutSeconds: 1,
        periodSeconds: 10,
        successThreshold: 1,
        failureThreshold: 3,
      },
    },
  ),
  accepted(
    'a probe of zeros',
    {
      'spec.livenessProbe': { exec: { command: ['true'] }, timeoutSeconds: 0, periodSeconds: -1, failureThreshold: 5 },
    },
    {
      'spec.livenessProbe': {
        exec: { command: ['true'] },
        timeoutSeconds: 1,
        periodSeconds: 10,
        successThreshold: 1,
        failureThreshold: 5,
      },
    },
  ),
  accepted(
    'a watchdog',
    { [`${DEV}.watchdog`]: { name: 'w' } },
    { [`${DEV}.watchdog`]: { name: 'w', i6300esb: { action: 'reset' } } },
  ),
  accepted(
    'a watchdog that powers off',
    { [`${DEV}.watchdog`]: { name: 'w', i6300esb: { action: 'poweroff' } } },
    { [`${DEV}.watchdog.i6300esb.action`]: 'poweroff' },
  ),
  accepted(
    'a watchdog of s390x',
    { ...s390x, [`${DEV}.watchdog`]: { name: 'w' } },
    { [`${DEV}.watchdog`]: { name: 'w', diag288: { action: 'reset' } } },
  ),
  accepted(
    'a GPU with a display',
    { [`${DEV}.gpus`]: [{ name: 'g', deviceName: 'd', virtualGPUOptions: { display: { ramFB: {} } } }] },
    { [`${DEV}.gpus[0].virtualGPUOptions.display.ramFB.enabled`]: true },
  ),
  accepted(
    'firmware',
    { 'spec.domain.firmware': { serial: 's' } },
    { 'spec.domain.firmware': { serial: 's', uuid: '<random uuid>' } },
  ),
  accepted(
    'an empty firmware UUID',
    { 'spec.domain.firmware': { uuid: '' } },
    { 'spec.domain.firmware.uuid': '<random uuid>' },
  ),
  accepted(
    'timers',
    {
      'spec.domain.clock': {
        utc: {},
        timer: { hpet: {}, kvm: {}, pit: { tickPolicy: 'delay' }, rtc: { present: false }, hyperv: {} },
      },
    },
    {
      'spec.domain.clock': {
        utc: {},
        timer: {
          hpet: { present: true },
          kvm: { present: true },
          pit: { tickPolicy: 'delay', present: true },
          rtc: { present: false },
          hyperv: { present: true },
        },
      },
    },
  ),
];

const features: readonly SpecCase[] = [
  accepted('no features', {}, { 'spec.domain.features': { acpi: { enabled: true } } }),
  accepted(
    'named features',
    { 'spec.domain.features': { apic: {}, smm: {}, pvspinlock: { enabled: false }, kvm: {}, acpi: {} } },
    {
      'spec.domain.features': {
        apic: { enabled: true },
        smm: { enabled: true },
        pvspinlock: { enabled: false },
        kvm: {},
        acpi: { enabled: true },
      },
    },
  ),
  accepted(
    'Hyper-V passed through',
    { 'spec.domain.features': { hypervPassthrough: {} } },
    { 'spec.domain.features.hypervPassthrough': {} },
  ),
  accepted('Hyper-V spinlocks', hyperv({ spinlocks: {} }), { [HV]: { spinlocks: { enabled: true, spinlocks: 4096 } } }),
  accepted('Hyper-V spinlocks that are off', hyperv({ spinlocks: { enabled: false } }), {
    [HV]: { spinlocks: { enabled: false } },
  }),
  accepted('Hyper-V ipi brings vpindex', hyperv({ ipi: {} }), {
    [HV]: { ipi: { enabled: true }, vpindex: { enabled: true } },
  }),
  accepted('Hyper-V tlbflush brings vpindex', hyperv({ tlbflush: { direct: {}, extended: {} } }), {
    [HV]: {
      tlbflush: { enabled: true, direct: { enabled: true }, extended: { enabled: true } },
      vpindex: { enabled: true },
    },
  }),
  accepted('Hyper-V synictimer brings synic and vpindex', hyperv({ synictimer: { direct: {} } }), {
    [HV]: {
      synictimer: { enabled: true, direct: { enabled: true } },
      synic: { enabled: true },
      vpindex: { enabled: true },
    },
  }),
  accepted('Hyper-V evmcs brings vapic and vmx', hyperv({ evmcs: {} }), {
    [HV]: { evmcs: { enabled: true }, vapic: { enabled: true } },
    [`${CPU}.features`]: [{ name: 'vmx', policy: 'require' }],
  }),
  accepted(
    'Hyper-V evmcs makes vmx required',
    { ...hyperv({ evmcs: {} }), [`${CPU}.features`]: [{ name: 'avx' }, { name: 'vmx', policy: 'disable' }] },
    {
      [`${CPU}.features`]: [{ name: 'avx' }, { name: 'vmx', policy: 'require' }],
    },
  ),
  accepted('Hyper-V evmcs that is off', hyperv({ evmcs: { enabled: false } }), {
    [HV]: { evmcs: { enabled: false } },
    [`${CPU}.features`]: undefined,
  }),
  accepted(
    'Hyper-V reset, vendorid and the others',
    hyperv({ reset: {}, vendorid: { vendorid: 'x' }, frequencies: {}, reenlightenment: {}, runtime: {}, relaxed: {} }),
    {
      [HV]: {
        reset: { enabled: true },
        vendorid: { vendorid: 'x', enabled: true },
        frequencies: { enabled: true },
        reenlightenment: { enabled: true },
        runtime: { enabled: true },
        relaxed: { enabled: true },
      },
    },
  ),
];

const metadata: readonly SpecCase[] = [
  accepted('an eviction strategy', { 'spec.evictionStrategy': 'External' }, { 'spec.evictionStrategy': 'External' }),
  withConfig(accepted('the cluster’s eviction strategy', {}, { 'spec.evictionStrategy': 'LiveMigrate' }), {
    evictionStrategy: 'LiveMigrate',
  }),
  accepted(
    'annotations',
    { 'metadata.annotations': { a: 'b' } },
    { 'metadata.annotations': { a: 'b', 'kubevirt.io/pci-topology-version': 'v3' } },
  ),
  accepted(
    'a PCI topology',
    { 'metadata.annotations': { 'kubevirt.io/pci-topology-version': 'v2' } },
    { 'metadata.annotations': { 'kubevirt.io/pci-topology-version': 'v2' } },
  ),
  accepted(
    'finalizers',
    { 'metadata.finalizers': ['a/b'] },
    { 'metadata.finalizers': ['a/b', 'kubevirt.io/foregroundDeleteVirtualMachine'] },
  ),
  accepted(
    'the finalizer',
    { 'metadata.finalizers': ['kubevirt.io/foregroundDeleteVirtualMachine'] },
    {
      'metadata.finalizers': [
        'kubevirt.io/foregroundDeleteVirtualMachine',
        'kubevirt.io/foregroundDeleteVirtualMachine',
      ],
    },
  ),
  {
    ...withGates(
      accepted(
        'even parity',
        { ...pinned, [`${CPU}.cores`]: 2, [`${CPU}.isolateEmulatorThread`]: true },
        {
          'metadata.annotations': {
            'kubevirt.io/pci-topology-version': 'v3',
            'alpha.kubevirt.io/EmulatorThreadCompleteToEvenParity': '',
          },
        },
      ),
      'AlignCPUs',
    ),
    annotations: { 'alpha.kubevirt.io/EmulatorThreadCompleteToEvenParity': '' },
  },
  {
    ...accepted(
      'even parity without its gate',
      { ...pinned, [`${CPU}.cores`]: 2, [`${CPU}.isolateEmulatorThread`]: true },
      { 'metadata.annotations': { 'kubevirt.io/pci-topology-version': 'v3' } },
    ),
    annotations: { 'alpha.kubevirt.io/EmulatorThreadCompleteToEvenParity': '' },
  },
  withGates(
    accepted(
      'TDX',
      { 'spec.domain.launchSecurity': { tdx: {} }, 'spec.domain.firmware.bootloader.efi': { secureBoot: false } },
      {
        'metadata.annotations': {
          'kubevirt.io/pci-topology-version': 'v3',
          'kubevirt.io/qgs-socket-path': '/var/run/tdx-qgs/qgs.socket',
        },
        [`${MEM}.maxGuest`]: undefined,
      },
    ),
    'WorkloadEncryptionTDX',
  ),
  accepted(
    'a status of the user’s own',
    { status: { phase: 'Running', nodeName: 'n' } },
    { 'status.phase': 'Pending', 'status.nodeName': 'n' },
  ),
  accepted('empty cloud-init network data', { [`${CI}.networkData`]: '' }),
];

export const defaultCases: readonly SpecCase[] = [
  ...group('default, machine', basics),
  ...group('default, cpu', cpu),
  ...group('default, memory', memory),
  ...group('default, volumes', volumes),
  ...group('default, network', network),
  ...group('default, devices', devices),
  ...group('default, features', features),
  ...group('default, metadata', metadata),
];
