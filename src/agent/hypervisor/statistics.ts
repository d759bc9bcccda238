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
