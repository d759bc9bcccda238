/** What domains use. Nothing here changes anything. */
import type { Caller } from './caller.js';
import { memoryStatNames, type MemoryStatName } from './states.js';
import { procedures } from './procedures.js';
import type { Domain, TypedParameters } from './wire-types.js';

/** REMOTE_DOMAIN_BLOCK_STATS_PARAMETERS_MAX */
const BLOCK_STATS_MAX = 16;

/** One domain's statistics; names are those of virConnectGetAllDomainStats, for example `balloon.current`. */
export interface DomainStatsRecord {
  readonly domain: Domain;
  readonly params: TypedParameters;
}

type InterfaceCounter = `${'rx' | 'tx'}${'Bytes' | 'Packets' | 'Errors' | 'Drops'}`;

export class Statistics {
  readonly #caller: Caller;

  constructor(caller: Caller) {
    this.#caller = caller;
  }

  /**
   * Statistics of many domains in one call.
   * @param stats - StatsType; 0 for all kinds
   * @param flags - StatsFlag; the filters only without `domains`
   * @param domains - none means all
   */
  async getAll(stats = 0, flags = 0, domains: readonly Domain[] = []): Promise<readonly DomainStatsRecord[]> {
    return (await this.#caller.call(procedures.connectGetAllDomainStats, { domains, stats, flags })).records;
  }

  /** What the balloon driver and the host know of a running domain's memory; see memoryStatNames for units. */
  async getMemory(domain: Domain): Promise<ReadonlyMap<MemoryStatName, bigint>> {
    const args = { domain, maxStats: memoryStatNames.length, flags: 0 };
    const stats = new Map<MemoryStatName, bigint>();
    for (const { tag, value } of (await this.#caller.call(procedures.domainMemoryStats, args)).stats) {
      const name = memoryStatNames[tag];
      if (name) stats.set(name, value);
    }
    return stats;
  }

  /** A disk's counters by libvirt's names (`rd_bytes`, `wr_operations`, …). @param disk - target (`vda`) or source */
  async getBlock(domain: Domain, disk: string): Promise<TypedParameters> {
    const args = { domain, path: disk, count: BLOCK_STATS_MAX, flags: 0 };
    return (await this.#caller.call(procedures.domainBlockStatsFlags, args)).params;
  }

  /** Bytes, packets, errors and drops in both directions; -1 unknown. @param device - target name or MAC address */
  getInterface(domain: Domain, device: string): Promise<Readonly<Record<InterfaceCounter, bigint>>> {
    return this.#caller.call(procedures.domainInterfaceStats, { domain, path: device });
  }

  /** CPU time of all of the host's CPUs together, by libvirt's names (`cpu_time`, …), nanoseconds. Needs cgroups. */
  async getCpu(domain: Domain): Promise<TypedParameters> {
    const total = { domain, startCpu: -1, cpus: 1, flags: 0 };
    const { count } = await this.#caller.call(procedures.domainGetCPUStats, { ...total, params: 0 });
    return (await this.#caller.call(procedures.domainGetCPUStats, { ...total, params: count })).params;
  }
}
