import type { VirtualMachinePreferenceSpec } from '../../api/schema/preference.js';

/*
 * The preferences that come with the product, by the names of the set that KubeVirt comes with. What a guest's makers
 * support is put together from parts.
 */

type Spec = VirtualMachinePreferenceSpec;
type Part = Pick<Spec, 'annotations' | 'clock' | 'cpu' | 'devices' | 'features' | 'firmware' | 'requirements'> & {
  readonly preferredTerminationGracePeriodSeconds?: number;
};

/** Parts together: of two with the same section its members, the later first. */
const together = (...parts: readonly Part[]): Spec =>
  parts.reduce<Spec>(
    (spec, { cpu, devices, features, firmware, ...others }) => ({
      ...spec,
      ...others,
      ...(cpu === undefined ? {} : { cpu: { ...spec.cpu, ...cpu } }),
      ...(devices === undefined ? {} : { devices: { ...spec.devices, ...devices } }),
      ...(features === undefined ? {} : { features: { ...spec.features, ...features } }),
      ...(firmware === undefined ? {} : { firmware: { ...spec.firmware, ...firmware } }),
    }),
    {},
  );

const LINUX: Part = { devices: { preferredDiskBus: 'virtio', preferredInterfaceModel: 'virtio', preferredRng: {} } };
const EFI: Part = { firmware: { preferredEfi: { secureBoot: false } } };
const SECURE_BOOT: Part = { firmware: { preferredEfi: { secureBoot: true } }, features: { preferredSmm: {} } };
const OWN_IO_THREAD: Part = { devices: { preferredDiskDedicatedIoThread: true } };
const TRANSITIONAL: Part = { devices: { preferredUseVirtioTransitional: true } };
const DESKTOP: Part = {
  devices: {
    preferredAutoattachInputDevice: true,
    preferredInputBus: 'virtio',
    preferredInputType: 'tablet',
    preferredVideoType: 'virtio',
  },
};
const MULTIQUEUE: Part = { devices: { preferredNetworkInterfaceMultiQueue: true } };
const DPDK: Part = {
  ...MULTIQUEUE,
  cpu: { preferredCPUTopology: 'spread', spreadOptions: { across: 'SocketsCoresThreads', ratio: 4 } },
};
const REALTIME: Part = { ...MULTIQUEUE, cpu: { preferredCPUTopology: 'spread' } };

const RHEL_9 = [LINUX, SECURE_BOOT, OWN_IO_THREAD] as const;
const CENTOS = [LINUX, OWN_IO_THREAD] as const;

const WINDOWS: Part = {
  annotations: { 'vm.kubevirt.io/os': 'windows' },
  clock: {
    preferredClockOffset: { utc: {} },
    preferredTimer: {
      hpet: { present: false },
      hyperv: {},
      pit: { tickPolicy: 'delay' },
      rtc: { tickPolicy: 'catchup' },
    },
  },
  cpu: { preferredCPUTopology: 'sockets' },
  devices: {
    preferredAutoattachInputDevice: true,
    preferredDiskBus: 'sata',
    preferredInputBus: 'usb',
    preferredInputType: 'tablet',
    preferredInterfaceModel: 'e1000e',
  },
  features: {
    preferredApic: {},
    preferredHyperv: {
      frequencies: {},
      ipi: {},
      reenlightenment: {},
      relaxed: {},
      reset: {},
      runtime: {},
      spinlocks: { spinlocks: 8191 },
      synic: {},
      synictimer: { direct: {} },
      tlbflush: {},
      vapic: {},
      vpindex: {},
    },
  },
  preferredTerminationGracePeriodSeconds: 3600,
};
const IN_CORES: Part = { cpu: { preferredCPUTopology: 'cores' } };
const OLD_NETWORK: Part = { devices: { preferredInterfaceModel: 'e1000' } };
const requires = (guest: number, memory: string): Part => ({
  requirements: { cpu: { guest }, memory: { guest: memory } },
});
const SMALL_WINDOWS = requires(1, '2Gi');

const KEPT_STATE: Part = {
  firmware: { preferredEfi: { secureBoot: true, persistent: true } },
  devices: { preferredTPM: { persistent: true } },
};
const WINDOWS_VIRTIO: Part = {
  devices: {
    preferredDiskBus: 'virtio',
    preferredInputBus: 'virtio',
    preferredInterfaceModel: 'virtio',
    preferredVideoType: 'virtio',
  },
};

const WINDOWS_VERSIONS: Readonly<Record<string, readonly Part[]>> = {
  '7': [IN_CORES, SMALL_WINDOWS],
  '10': [IN_CORES, SECURE_BOOT, SMALL_WINDOWS],
  '11': [IN_CORES, SECURE_BOOT, KEPT_STATE, requires(2, '4Gi')],
  '2k8': [OLD_NETWORK, SMALL_WINDOWS],
  '2k12': [SMALL_WINDOWS],
  '2k16': [SECURE_BOOT, SMALL_WINDOWS],
  '2k19': [SECURE_BOOT, SMALL_WINDOWS],
  '2k22': [SECURE_BOOT, KEPT_STATE, SMALL_WINDOWS],
  '2k25': [SECURE_BOOT, KEPT_STATE, SMALL_WINDOWS],
};

const LINUX_GUESTS: Readonly<Record<string, readonly Part[]>> = {
  alpine: [LINUX],
  'centos.stream10': CENTOS,
  'centos.stream10.desktop': [...CENTOS, DESKTOP],
  'centos.stream10.dpdk': [...CENTOS, DPDK],
  'centos.stream9': CENTOS,
  'centos.stream9.desktop': [...CENTOS, DESKTOP],
  'centos.stream9.dpdk': [...CENTOS, DPDK],
  cirros: [LINUX],
  debian: [LINUX],
  fedora: [LINUX],
  linux: [LINUX],
  'linux.efi': [LINUX, EFI],
  'linux.virtiotransitional': [LINUX, TRANSITIONAL],
  'opensuse.leap': [LINUX],
  'opensuse.tumbleweed': [LINUX],
  oraclelinux: [LINUX],
  'rhel.10': RHEL_9,
  'rhel.10.desktop': [...RHEL_9, DESKTOP],
  'rhel.10.dpdk': [...RHEL_9, DPDK],
  'rhel.7': [LINUX],
  'rhel.7.desktop': [LINUX, DESKTOP],
  'rhel.8': [LINUX],
  'rhel.8.desktop': [LINUX, DESKTOP],
  'rhel.8.dpdk': [LINUX, DPDK],
  'rhel.9': RHEL_9,
  'rhel.9.desktop': [...RHEL_9, DESKTOP],
  'rhel.9.dpdk': [...RHEL_9, DPDK],
  'rhel.9.realtime': [...RHEL_9, REALTIME],
  sles: [LINUX],
  ubuntu: [LINUX],
};

/** One of them, before it is an object. */
export interface ShippedPreference {
  readonly name: string;
  /** For people. */
  readonly title: string;
  readonly spec: Spec;
}

const titleOf = (name: string): string =>
  name
    .split('.')
    .map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`)
    .join(' ');

export const shippedPreferences = (): ShippedPreference[] => [
  ...Object.entries(LINUX_GUESTS).map(([name, parts]) => ({ name, title: titleOf(name), spec: together(...parts) })),
  ...Object.entries(WINDOWS_VERSIONS).flatMap(([version, parts]) => {
    const name = `windows.${version}`;
    const plain = { name, title: titleOf(name), spec: together(WINDOWS, ...parts) };
    const virtio = together(WINDOWS, ...parts, WINDOWS_VIRTIO);
    return [plain, { name: `${name}.virtio`, title: `${titleOf(name)} (virtio)`, spec: virtio }];
  }),
];
