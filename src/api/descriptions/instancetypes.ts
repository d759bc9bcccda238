import type { Descriptions } from './descriptions.js';

const kind = (name: string, spec: string) => ({
  apiVersion: 'instancetype.kubevirt.io/v1beta1.',
  kind: `${name}.`,
  spec,
});

const SIZES = 'What a VM that names it gets; its template must leave it open.';
const WISHES = 'What a VM that names it gets where its template leaves it open.';
const EACH_DISK = 'of each disk that has none of its own';

/** Instance types and preferences. */
export const INSTANCETYPES: Descriptions = {
  VirtualMachineInstancetype: kind('VirtualMachineInstancetype', SIZES),
  VirtualMachineClusterInstancetype: kind('VirtualMachineClusterInstancetype', SIZES),
  VirtualMachinePreference: kind('VirtualMachinePreference', WISHES),
  VirtualMachineClusterPreference: kind('VirtualMachineClusterPreference', WISHES),
  VirtualMachineInstancetypeSpec: {
    annotations: 'Annotations of the VMI. The template may have the same key with the same value only.',
    cpu: 'vCPUs, their model and where they run. Required.',
    gpus: 'Host GPUs that are passed to the guest.',
    hostDevices: 'Host devices that are passed to the guest.',
    ioThreads: 'I/O threads beside those of disks of their own.',
    ioThreadsPolicy: 'How I/O threads are shared by disks: shared, auto or supplementalPool.',
    launchSecurity: 'Confidential computing. Deprecated here: write it into the VM.',
    memory: 'Memory of the guest. Required.',
    nodeSelector: 'Labels of the nodes on which the VM may run.',
    schedulerName: 'Scheduler that places the VM.',
  },
  CPUInstancetype: {
    dedicatedCPUPlacement: 'true: each vCPU has a CPU of the node for itself.',
    guest: 'Number of vCPUs; how they are spread over sockets, cores and threads, the preference says. Required.',
    isolateEmulatorThread: 'true: the emulator has a CPU of its own besides.',
    maxSockets: 'Most sockets that can be plugged in while the VM runs.',
    model: 'CPU model, such as host-model, host-passthrough or Haswell.',
    numa: 'How the guest sees NUMA cells.',
    realtime: 'vCPUs that run with realtime priority.',
  },
  MemoryInstancetype: {
    guest: 'Memory that the guest sees, such as 4Gi. Required.',
    hugepages: 'Huge pages that back it.',
    maxGuest: 'Most memory that can be plugged in while the VM runs.',
    overcommitPercent:
      'Part of the memory, from 0 to 100, that is not requested from the node: 50 requests half. Not with hugepages.',
  },
  VirtualMachinePreferenceSpec: {
    annotations: 'Annotations of the VMI that the template has not.',
    clock: 'Time zone and timers.',
    cpu: 'How the vCPUs of an instance type are spread, and CPU features.',
    devices: 'Buses, models and devices.',
    features: 'Features of the hypervisor.',
    firmware: 'BIOS or EFI.',
    machine: 'Machine type of the guest.',
    preferSpreadSocketToCoreRatio:
      'Cores for each socket. Old place of cpu.spreadOptions.ratio, which counts before it.',
    preferredArchitecture: 'Architecture of the guest.',
    preferredLaunchSecurity: 'Confidential computing.',
    preferredSubdomain: "Subdomain of the guest's name.",
    preferredTerminationGracePeriodSeconds: 'Time that the guest gets to shut down.',
    requirements: 'The least that a VM with this preference has: others are refused.',
    volumes: 'Storage of the VM.',
  },
  PreferredClockOffset: {
    timezone: 'Time zone of the clock, such as Europe/Berlin.',
    utc: 'A clock at UTC, and how far it is off.',
  },
  ClockPreferences: {
    preferredClockOffset: 'Offset of the clock; only where the template has neither utc nor timezone.',
    preferredTimer: 'Timers; only where the template has none.',
  },
  SpreadOptions: {
    across: 'SocketsCores, the default; CoresThreads; or SocketsCoresThreads.',
    ratio: 'Cores for each socket, or threads for each core with CoresThreads, which takes 2 only. Default: 2.',
  },
  CPUPreferences: {
    preferredCPUFeatures: 'CPU features; those of the template stay as they are.',
    preferredCPUTopology: 'What the vCPUs become: sockets, the default; cores; threads; spread; or any.',
    spreadOptions: 'How spread divides them.',
  },
  DevicePreferences: {
    preferredAutoattachGraphicsDevice: 'Whether the guest has a screen.',
    preferredAutoattachInputDevice: 'true: a guest without an input device gets one.',
    preferredAutoattachMemBalloon: 'Whether the guest has a memory balloon.',
    preferredAutoattachPodInterface: 'Whether a guest without interfaces gets one on the pod network.',
    preferredAutoattachSerialConsole: 'Whether the guest has a serial console.',
    preferredBlockMultiQueue: 'true: a queue of virtio disks for each vCPU.',
    preferredCdromBus: 'Bus of each CD-ROM that has none of its own.',
    preferredDisableHotplug:
      'Whether devices can be plugged in while the VM runs. It counts also where the template says false.',
    preferredDiskBlockSize: `Size of the blocks ${EACH_DISK}.`,
    preferredDiskBus: `Bus ${EACH_DISK}.`,
    preferredDiskCache: `Cache mode ${EACH_DISK}.`,
    preferredDiskDedicatedIoThread: 'true: each virtio disk has an I/O thread of its own.',
    preferredDiskIO: `I/O mode ${EACH_DISK}.`,
    preferredInputBus: 'Bus of each input device that has none of its own.',
    preferredInputType: 'Type of each input device that has none of its own.',
    preferredInterfaceMasquerade: 'Masquerade for each interface on the pod network without a binding.',
    preferredInterfaceModel: 'Model of each interface that has none of its own.',
    preferredLunBus: 'Bus of each LUN that has none of its own.',
    preferredNetworkInterfaceMultiQueue: 'true: a queue of virtio interfaces for each vCPU.',
    preferredPanicDeviceModel: 'Model of the panic device; the guest gets one if it has none.',
    preferredRng: 'A source of random numbers.',
    preferredSoundModel: 'Model of the sound device, where there is one.',
    preferredTPM: 'A TPM of the guest.',
    preferredUseVirtioTransitional: 'true: virtio devices for old guests.',
    preferredVideoType: 'Type of the video device.',
    preferredVirtualGPUOptions: 'Not applied, as in KubeVirt: a warning says so.',
  },
  FeaturePreferences: {
    preferredAcpi: 'ACPI. It counts also where the template says otherwise.',
    preferredApic: 'Interrupt controller of the guest.',
    preferredHyperv: 'Enlightenments for Windows, one by one.',
    preferredKvm: 'How KVM shows itself.',
    preferredPvspinlock: 'Paravirtual spinlocks.',
    preferredSmm: 'System management mode, which secure boot needs.',
  },
  FirmwarePreferences: {
    preferredEfi: 'EFI with these settings, where the template has no boot loader.',
    preferredUseBios: 'true: BIOS, where the template has no boot loader.',
    preferredUseBiosSerial: 'true: the BIOS writes to the serial console.',
    preferredUseEfi: 'Deprecated: write preferredEfi: {}.',
    preferredUseSecureBoot: 'Deprecated: write preferredEfi: {secureBoot: true}.',
  },
  MachinePreferences: { preferredMachineType: 'Machine type, such as q35.' },
  VolumePreferences: {
    preferredStorageClassName: 'Storage class of each template of a DataVolume that has none of its own.',
  },
  CPUPreferenceRequirement: { guest: 'The fewest vCPUs. Required.' },
  MemoryPreferenceRequirement: { guest: 'The least memory. Required.' },
  PreferenceRequirements: {
    architecture: 'The architecture of the guest.',
    cpu: 'The fewest vCPUs that a guest has.',
    memory: 'The least memory that a guest has.',
  },
};
