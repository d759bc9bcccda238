import type { Change } from '../validators/rule/examples.js';

/**
 * A default at work: a change of the valid VMI in which it has something to do, and why it exists where its summary
 * does not say it.
 */
export interface DefaultExample {
  readonly change: Change;
  readonly why?: string;
  readonly gates?: readonly string[];
  /** Of the KubeVirt object. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** More of the KubeVirt object's `spec.configuration`. */
  readonly config?: Readonly<Record<string, unknown>>;
}

const D = 'spec.domain.devices.disks[0]';
const CPU = 'spec.domain.cpu';
const REQUEST = 'spec.domain.resources.requests.cpu';
const HYPERV = 'spec.domain.features.hyperv';
const CLUSTER =
  'The nodes of a cluster decide what is right, so the cluster says it: `spec.configuration` of the KubeVirt object.';

export const DEFAULT_EXAMPLES: Readonly<Record<string, DefaultExample>> = {
  'mut.arch': { why: CLUSTER, change: { 'spec.architecture': undefined } },
  'mut.machine': { why: CLUSTER, change: { 'spec.domain.machine': undefined } },
  'mut.cpu-request-from-limit': {
    why: 'Kubernetes does the same for the containers of a pod.',
    change: { 'spec.domain.resources.limits': { cpu: 2 } },
  },
  'mut.cpu-request-cluster': { change: { [REQUEST]: undefined }, config: { cpuRequest: '250m' } },
  'mut.guest-memory': {
    why: 'A guest must have memory, and its pod none that it does not use.',
    change: { 'spec.domain.resources.requests': { memory: '1Gi' } },
  },
  'mut.virtlet-vcpus': {
    why: 'Manifests of Virtlet keep what they say.',
    change: { 'metadata.annotations': { VirtletVCPUCount: '2' } },
  },
  'mut.cpu-topology': {
    why: 'Sockets rather than cores: they can be added while the guest runs.',
    change: { [REQUEST]: '1500m' },
  },
  'mut.pull-policy': {
    why: 'A tag that moves would otherwise be what each node happened to pull first.',
    change: { 'spec.volumes[0].containerDisk.image': 'registry.example/disk:latest' },
  },
  'mut.eviction': { why: CLUSTER, change: { 'spec.evictionStrategy': undefined } },
  'mut.default-network': { change: { 'spec.domain.devices.interfaces': undefined, 'spec.networks': undefined } },
  'mut.graphics-alias': {
    why: 'A page of KubeVirt once had the word so, and manifests copied it.',
    change: { 'spec.domain.devices.autottachGraphicsDevice': false },
  },
  'mut.volume-disk': {
    change: {
      'spec.domain.devices.disks': [],
      'spec.volumes': [{ name: 'root', containerDisk: { image: 'registry.example/disk:v1' } }],
    },
  },
  'mut.s390x-acpi': { change: { 'spec.architecture': 's390x' } },
  'mut.disk-target': { change: { [D]: { name: 'root' } } },
  'mut.attached-input': {
    why: 'KubeVirt does the same when a VM starts; here a VMI of its own gets it too.',
    change: { 'spec.domain.devices.autoattachInputDevice': true },
  },
  'mut.input': { change: { 'spec.domain.devices.inputs': [{ name: 'pointer' }] } },
  'mut.probe': {
    why: 'Kubernetes does the same for the probes of a pod.',
    change: { 'spec.readinessProbe': { guestAgentPing: {}, periodSeconds: 30 } },
  },
  'mut.virtlet-system-uuid': {
    why: 'Manifests of Virtlet keep what they say.',
    change: { 'metadata.annotations': { VirtletSystemUUID: '53008994-44C0-4017-AD44-9C49758083DA' } },
  },
  'mut.firmware-uuid': {
    why: 'Licences and cloud-init know a machine by it. A VirtualMachine keeps it from one start to the next (`mut.vm-firmware`).',
    change: { 'spec.domain.firmware': undefined },
  },
  'mut.timers': { change: { 'spec.domain.clock': { utc: {}, timer: { hpet: {}, rtc: { tickPolicy: 'catchup' } } } } },
  'mut.feature-state': { change: { 'spec.domain.features': { smm: {} } } },
  'mut.spinlocks': {
    why: 'How often a guest tries before it tells that it waits; the number is that of Hyper-V itself.',
    change: { [HYPERV]: { spinlocks: {} } },
  },
  'mut.cdrom': { change: { [D]: { name: 'root', cdrom: { bus: 'sata' } } } },
  'mut.matchvolume': { change: { [`${D}.blockSize`]: { matchVolume: {} } } },
  'mut.ramfb': {
    change: {
      'spec.domain.devices.gpus': [
        { name: 'gpu', deviceName: 'example.com/gpu', virtualGPUOptions: { display: { ramFB: {} } } },
      ],
    },
  },
  'mut.hyperv-deps': {
    why: 'QEMU refuses an enlightenment without those that it builds on.',
    change: { [HYPERV]: { synictimer: { enabled: true } } },
  },
  'mut.arm64-cpu-model': { change: { 'spec.architecture': 'arm64', [`${CPU}.model`]: undefined } },
  'mut.arm64-efi': { why: 'There is no BIOS on arm64.', change: { 'spec.architecture': 'arm64' } },
  'mut.disk-bus': { change: { [`${D}.disk`]: {} } },
  'mut.watchdog': { change: { 'spec.domain.devices.watchdog': { name: 'watchdog' } } },
  'mut.hotplug-cpu': {
    why: 'A guest can only get sockets that it was started with room for.',
    change: { [CPU]: { sockets: 2, cores: 1, threads: 1 } },
  },
  'mut.hotplug-memory': {
    why: 'A guest can only get memory that it was started with room for.',
    change: { 'spec.domain.memory': { guest: '2Gi' } },
  },
  'mut.pci-topology': {
    why: 'A guest knows its devices by their addresses: the layout stays when a later version has another.',
    change: { 'spec.domain.machine': { type: 'q35' } },
  },
  'mut.even-parity': {
    why: 'A core with two threads is given out whole, so that the thread of the emulator takes both.',
    change: { 'spec.domain.cpu': { dedicatedCpuPlacement: true, isolateEmulatorThread: true } },
    gates: ['AlignCPUs'],
    annotations: { 'alpha.kubevirt.io/EmulatorThreadCompleteToEvenParity': '' },
  },
  'mut.qgs': {
    change: { 'spec.domain.launchSecurity': { tdx: {} } },
    config: { confidentialCompute: { tdx: { attestation: { qgsSocketPath: '/var/run/tdx-qgs/qgs.socket' } } } },
  },
  'mut.finalizer': { change: { 'metadata.finalizers': undefined } },
  'mut.phase': {
    why: 'What a user submits as status would name nodes and pods that are not those of the VM.',
    change: { status: { nodeName: 'node-1' } },
  },
};
