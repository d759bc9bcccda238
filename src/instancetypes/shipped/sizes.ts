import type { VirtualMachineInstancetypeSpec } from '../../api/schema/instancetype.js';

/*
 * The instance types that come with the product, by the names and numbers of the set that KubeVirt comes with, so that
 * manifests which name them mean the same here. Made from a table: a series, and its sizes.
 */

type Spec = VirtualMachineInstancetypeSpec;

/** vCPUs, and gibibytes of memory. */
type Size = readonly [vcpus: number, gibibytes: number];

const GENERAL: Readonly<Record<string, Size>> = {
  nano: [1, 0.5],
  micro: [1, 1],
  small: [1, 2],
  medium: [1, 4],
  '2xmedium': [2, 4],
  large: [2, 8],
  xlarge: [4, 16],
  '2xlarge': [8, 32],
  '4xlarge': [16, 64],
  '8xlarge': [32, 128],
};

const without = (sizes: Readonly<Record<string, Size>>, ...names: readonly string[]): Readonly<Record<string, Size>> =>
  Object.fromEntries(Object.entries(sizes).filter(([name]) => !names.includes(name)));

const COMPUTE: Readonly<Record<string, Size>> = {
  medium: [1, 2],
  large: [2, 4],
  xlarge: [4, 8],
  '2xlarge': [8, 16],
  '4xlarge': [16, 32],
  '8xlarge': [32, 64],
};
const MEMORY: Readonly<Record<string, Size>> = {
  large: [2, 16],
  xlarge: [4, 32],
  '2xlarge': [8, 64],
  '4xlarge': [16, 128],
  '8xlarge': [32, 256],
};
const NETWORK: Readonly<Record<string, Size>> = {
  medium: [4, 4],
  large: [4, 8],
  xlarge: [8, 16],
  '2xlarge': [16, 32],
  '4xlarge': [32, 64],
  '8xlarge': [64, 128],
};

const DEDICATED = { dedicatedCPUPlacement: true, isolateEmulatorThread: true } as const;
const NUMA = { numa: { guestMappingPassthrough: {} } } as const;
/** The runtime CRI-O keeps the kernel off these CPUs. */
const QUIET_CPUS = {
  'cpu-load-balancing.crio.io': 'disable',
  'cpu-quota.crio.io': 'disable',
  'irq-load-balancing.crio.io': 'disable',
} as const;

/** What a series has beside its sizes. */
interface Series {
  readonly title: string;
  readonly about: string;
  readonly sizes: Readonly<Record<string, Size>>;
  readonly cpu?: (vcpus: number) => Partial<Spec['cpu']>;
  readonly overcommitPercent?: number;
  readonly hugepages?: string;
  /** Each size also with this, and `1gi` behind its name. */
  readonly with1Gi?: true;
  readonly more?: Partial<Spec>;
}

const SERIES: Readonly<Record<string, Series>> = {
  u1: { title: 'General Purpose', about: 'CPU time shared with others, for any workload.', sizes: GENERAL },
  o1: {
    title: 'Overcommitted',
    about: 'As u1, and half of the memory is requested from the node: for many guests that are idle.',
    sizes: without(GENERAL, '2xmedium'),
    overcommitPercent: 50,
  },
  d1: {
    title: 'Dedicated',
    about: 'CPUs of its own, for steady speed.',
    sizes: GENERAL,
    cpu: () => DEDICATED,
    more: { ioThreadsPolicy: 'auto' },
  },
  cx1: {
    title: 'Compute Exclusive',
    about: "CPUs of its own, huge pages, and the node's NUMA seen by the guest: for computing.",
    sizes: COMPUTE,
    cpu: (vcpus) => ({ ...DEDICATED, ...NUMA, maxSockets: vcpus }),
    hugepages: '2Mi',
    with1Gi: true,
    more: { ioThreadsPolicy: 'auto' },
  },
  m1: {
    title: 'Memory Intensive',
    about: 'Much memory, in huge pages: for databases and caches.',
    sizes: MEMORY,
    hugepages: '2Mi',
    with1Gi: true,
  },
  n1: {
    title: 'Network',
    about: 'CPUs of its own and huge pages, for guests that pass on packets (DPDK).',
    sizes: NETWORK,
    cpu: () => DEDICATED,
    hugepages: '1Gi',
    more: { annotations: QUIET_CPUS },
  },
  rt1: {
    title: 'Realtime',
    about: 'CPUs of its own with realtime priority, and huge pages, for guests that must be in time.',
    sizes: without(GENERAL, 'nano', '2xmedium'),
    cpu: () => ({ ...DEDICATED, ...NUMA, realtime: {} }),
    hugepages: '1Gi',
    more: { annotations: QUIET_CPUS },
  },
};

/** One of them, before it is an object. */
export interface ShippedSize {
  readonly name: string;
  readonly series: string;
  readonly size: string;
  readonly title: string;
  readonly about: string;
  readonly spec: Spec;
}

const memoryText = (gibibytes: number): string => (gibibytes < 1 ? `${gibibytes * 1024}Mi` : `${gibibytes}Gi`);

const specOf = ({ cpu, overcommitPercent, more = {} }: Series, [vcpus, gibibytes]: Size, pages?: string): Spec => ({
  ...more,
  cpu: { guest: vcpus, ...cpu?.(vcpus) },
  memory: {
    guest: memoryText(gibibytes),
    ...(overcommitPercent === undefined ? {} : { overcommitPercent }),
    ...(pages === undefined ? {} : { hugepages: { pageSize: pages } }),
  },
});

export const shippedSizes = (): ShippedSize[] =>
  Object.entries(SERIES).flatMap(([series, all]) =>
    Object.entries(all.sizes).flatMap(([size, numbers]) => {
      const { title, about, hugepages, with1Gi } = all;
      const one = { series, title, about };
      const plain = { ...one, size, name: `${series}.${size}`, spec: specOf(all, numbers, hugepages) };
      if (with1Gi === undefined) return [plain];
      return [plain, { ...one, size: `${size}1gi`, name: `${series}.${size}1gi`, spec: specOf(all, numbers, '1Gi') }];
    }),
  );
