/** Domains: what they are and how they do. Nothing here changes anything. */
import { memoryStatNames, type MemoryStatName } from './constants.js';
import { DomainLifecycle } from './domain-lifecycle.js';
import { procedures } from './procedures.js';
import type { Domain, TypedParameters } from './wire-types.js';

/** Most vCPUs asked for; more than any machine type of QEMU has. */
const VCPU_MAX = 4096;
/** REMOTE_DOMAIN_BLOCK_STATS_PARAMETERS_MAX */
const BLOCK_STATS_MAX = 16;

/** `getDomainInfo`'s result. */
export interface DomainInfo {
  /** DomainState */
  readonly state: number;
  /** KiB the guest may have at most. */
  readonly maxMemory: bigint;
  /** KiB it has now. */
  readonly memory: bigint;
  readonly vcpus: number;
  /** CPU time used, nanoseconds. */
  readonly cpuTime: bigint;
}

/** One domain's statistics; names are those of virConnectGetAllDomainStats, for example `balloon.current`. */
export interface DomainStatsRecord {
  readonly domain: Domain;
  readonly params: TypedParameters;
}

/** One vCPU of a running domain. */
export interface VcpuInfo {
  readonly number: number;
  /** VcpuState */
  readonly state: number;
  /** Nanoseconds. */
  readonly cpuTime: bigint;
  /** The host's CPU it runs on; -1 offline. */
  readonly cpu: number;
}

/** A network interface as the guest sees it. */
export interface GuestInterface {
  readonly name: string;
  readonly hardwareAddress: string | undefined;
  /** `type` 0 is IPv4, 1 IPv6; `prefix` in bits. */
  readonly addresses: readonly { readonly type: number; readonly address: string; readonly prefix: number }[];
}

export abstract class DomainQueries extends DomainLifecycle {
  /** The domain's XML. @param flags - XmlFlag */
  async getDomainXML(domain: Domain, flags = 0): Promise<string> {
    return (await this.call(procedures.domainGetXMLDesc, { domain, flags })).xml;
  }

  getDomainInfo(domain: Domain): Promise<DomainInfo> {
    return this.call(procedures.domainGetInfo, { domain });
  }

  /** `state` is a DomainState; `reason` is RunningReason, PausedReason, ShutoffReason or CrashedReason after it. */
  getDomainState(domain: Domain): Promise<{ readonly state: number; readonly reason: number }> {
    return this.call(procedures.domainGetState, { domain, flags: 0 });
  }

  /**
   * Whether libvirt can reach QEMU's monitor: `state` 0 yes, 1 a job is running, 2 the monitor is busy, 3 unusable.
   * `stateTime` is milliseconds since `state` was entered.
   */
  getDomainControlInfo(
    domain: Domain,
  ): Promise<{ readonly state: number; readonly details: number; readonly stateTime: bigint }> {
    return this.call(procedures.domainGetControlInfo, { domain, flags: 0 });
  }

  async isDomainActive(domain: Domain): Promise<boolean> {
    return (await this.call(procedures.domainIsActive, { domain })).active;
  }

  async isDomainPersistent(domain: Domain): Promise<boolean> {
    return (await this.call(procedures.domainIsPersistent, { domain })).persistent;
  }

  /** Memory statistics that the balloon driver and the host know of a running domain; see memoryStatNames for units. */
  async getMemoryStats(domain: Domain): Promise<ReadonlyMap<MemoryStatName, bigint>> {
    const args = { domain, maxStats: memoryStatNames.length, flags: 0 };
    const stats = new Map<MemoryStatName, bigint>();
    for (const { tag, value } of (await this.call(procedures.domainMemoryStats, args)).stats) {
      const name = memoryStatNames[tag];
      if (name) stats.set(name, value);
    }
    return stats;
  }

  /** A disk's counters by libvirt's names (`rd_bytes`, `wr_operations`, …). @param disk - target (`vda`) or source */
  async getBlockStats(domain: Domain, disk: string): Promise<TypedParameters> {
    const args = { domain, path: disk, count: BLOCK_STATS_MAX, flags: 0 };
    return (await this.call(procedures.domainBlockStatsFlags, args)).params;
  }

  /** A disk's sizes in bytes. @param disk - target (`vda`) or source */
  getBlockInfo(
    domain: Domain,
    disk: string,
  ): Promise<{ readonly allocation: bigint; readonly capacity: bigint; readonly physical: bigint }> {
    return this.call(procedures.domainGetBlockInfo, { domain, path: disk, flags: 0 });
  }

  /** Bytes, packets, errors and drops in both directions; -1 unknown. @param device - target name or MAC address */
  getInterfaceStats(domain: Domain, device: string): Promise<Readonly<Record<InterfaceCounter, bigint>>> {
    return this.call(procedures.domainInterfaceStats, { domain, path: device });
  }

  async getVcpus(domain: Domain): Promise<readonly VcpuInfo[]> {
    return (await this.call(procedures.domainGetVcpus, { domain, maxInfo: VCPU_MAX, mapLength: 0 })).info;
  }

  /**
   * Statistics of many domains in one call.
   * @param stats - StatsType; 0 for all kinds
   * @param flags - StatsFlag; the filters only without `domains`
   * @param domains - none means all
   */
  async getAllDomainStats(
    stats = 0,
    flags = 0,
    domains: readonly Domain[] = [],
  ): Promise<readonly DomainStatsRecord[]> {
    return (await this.call(procedures.connectGetAllDomainStats, { domains, stats, flags })).records;
  }

  /** @param source - AddressSource: who is asked */
  async getInterfaceAddresses(domain: Domain, source: number): Promise<readonly GuestInterface[]> {
    return (await this.call(procedures.domainInterfaceAddresses, { domain, source, flags: 0 })).interfaces;
  }

  /** What the guest agent tells, by virDomainGetGuestInfo's names (`os.id`, `fs.count`, …). @param types - GuestInfoType */
  async getGuestInfo(domain: Domain, types = 0): Promise<TypedParameters> {
    return (await this.call(procedures.domainGetGuestInfo, { domain, types, flags: 0 })).params;
  }
}

type InterfaceCounter = `${'rx' | 'tx'}${'Bytes' | 'Packets' | 'Errors' | 'Drops'}`;
