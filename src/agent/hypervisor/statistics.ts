import { StatsType, VcpuState, type TypedParameters, type VcpuInfo } from 'node-libvirt';

/* What is measured of a running domain: what it is, what libvirt is asked for, and how that is read. */

/** What a running domain uses. */
export interface DomainStatistics {
  /** What runs it: `QEMU 10.0.2`. */
  readonly product: string;
  /** CPU time of all its vCPUs. */
  readonly cpuNanoseconds: bigint;
  /** vCPUs that are not offline. */
  readonly onlineCpus: number;
  /** What the balloon leaves it. */
  readonly memoryKiB: bigint | undefined;
}

/**
 * Groups of libvirt's statistics that are asked for. Not those of vCPUs, which are asked of the monitor and bring KVM's
 * sixty counters for each.
 */
export const STATISTICS_GROUPS = StatsType.BALLOON;

/** libvirt's names and numbers to ours. @param vcpus the ones that are not offline */
export const domainStatistics = (
  product: string,
  parameters: TypedParameters,
  vcpus: readonly VcpuInfo[],
): DomainStatistics => {
  const online = vcpus.filter(({ state }) => state !== VcpuState.OFFLINE);
  const memory = parameters.get('balloon.current');
  return {
    product,
    cpuNanoseconds: online.reduce((sum, { cpuTime }) => sum + cpuTime, 0n),
    onlineCpus: online.length,
    memoryKiB: typeof memory === 'bigint' && memory >= 0n ? memory : undefined,
  };
};

/** Groups for {@link DomainUsage}; all of them in one call. */
export const USAGE_GROUPS = StatsType.BALLOON | StatsType.BLOCK;

/**
 * What libvirt knows of a running domain that the kernel does not: bytes, and counts since its start. What begins with
 * `guest` is the guest's own word, by its balloon driver: it may lie.
 */
export interface DomainUsage {
  readonly memory: {
    /** What the balloon leaves the guest, and what it may have at most. */
    readonly actual?: number;
    readonly maximum?: number;
    readonly guestAvailable?: number;
    readonly guestUnused?: number;
    readonly guestUsable?: number;
    readonly guestCached?: number;
    readonly guestSwapIn?: number;
    readonly guestSwapOut?: number;
    readonly guestMajorFaults?: number;
    readonly guestMinorFaults?: number;
  };
  readonly disks: readonly DiskUsage[];
}

/** Of one disk; times are in seconds. */
export interface DiskUsage {
  /** `vda`. */
  readonly target: string;
  readonly readRequests?: number;
  readonly readBytes?: number;
  readonly readSeconds?: number;
  readonly writeRequests?: number;
  readonly writeBytes?: number;
  readonly writeSeconds?: number;
  readonly flushRequests?: number;
  readonly flushSeconds?: number;
}

/** More disks than a machine of QEMU's can have. */
const MAX_DISKS = 256;
const TARGET = /^[a-z][a-z0-9]{0,15}$/;
const KIBIBYTE = 1024;
const NANOSECONDS = 1e9;

/** A number that is exact, or undefined: libvirt writes what it does not know as the largest number there is. */
const numberOf = (parameters: TypedParameters, name: string): number | undefined => {
  const value = parameters.get(name);
  if (typeof value !== 'bigint' && typeof value !== 'number') return undefined;
  const number = Number(value);
  return Number.isSafeInteger(number) && number >= 0 ? number : undefined;
};

const times = (value: number | undefined, unit: number): number | undefined =>
  value === undefined ? undefined : value * unit;

/**
 * libvirt's names and units to ours. Where the guest says that it has more memory than it was given, that is left out.
 * Source of the names: docs/reference/density-and-cpu.md §7.1.
 */
export const domainUsage = (parameters: TypedParameters): DomainUsage => {
  const bytes = (name: string): number | undefined => times(numberOf(parameters, `balloon.${name}`), KIBIBYTE);
  const maximum = bytes('maximum');
  const within = (name: string): number | undefined => {
    const value = bytes(name);
    return value !== undefined && maximum !== undefined && value <= maximum ? value : undefined;
  };
  return {
    memory: {
      actual: within('current'),
      maximum,
      guestAvailable: within('available'),
      guestUnused: within('unused'),
      guestUsable: within('usable'),
      guestCached: within('disk_caches'),
      guestSwapIn: bytes('swap_in'),
      guestSwapOut: bytes('swap_out'),
      guestMajorFaults: numberOf(parameters, 'balloon.major_fault'),
      guestMinorFaults: numberOf(parameters, 'balloon.minor_fault'),
    },
    disks: disksOf(parameters),
  };
};

const disksOf = (parameters: TypedParameters): DiskUsage[] => {
  const count = Math.min(numberOf(parameters, 'block.count') ?? 0, MAX_DISKS);
  return Array.from({ length: count }, (_, index) => index).flatMap((index) => {
    const target = parameters.get(`block.${index}.name`);
    if (typeof target !== 'string' || !TARGET.test(target)) return [];
    const count = (name: string): number | undefined => numberOf(parameters, `block.${index}.${name}`);
    const seconds = (name: string): number | undefined => times(count(name), 1 / NANOSECONDS);
    return [
      {
        target,
        readRequests: count('rd.reqs'),
        readBytes: count('rd.bytes'),
        readSeconds: seconds('rd.times'),
        writeRequests: count('wr.reqs'),
        writeBytes: count('wr.bytes'),
        writeSeconds: seconds('wr.times'),
        flushRequests: count('fl.reqs'),
        flushSeconds: seconds('fl.times'),
      },
    ];
  });
};
