import type { Caller } from './caller.js';
import { textOfCharacters } from './codec.js';
import { cpusOfMap } from './cpu-map.js';
import { procedures } from './procedures.js';

/** virNodeGetCPUStats and virNodeGetMemoryStats: all CPUs, all cells. */
const ALL = -1;

/** What `getDomainCapabilities` asks about; the daemon fills in what is missing. */
export interface DomainCapabilitiesQuery {
  /** Path of the emulator. */
  readonly emulator?: string | undefined;
  readonly arch?: string | undefined;
  readonly machine?: string | undefined;
  /** `kvm` or `qemu` */
  readonly virtType?: string | undefined;
}

/** `getInfo`'s result. */
export interface NodeInfo {
  /** The CPU's architecture: `x86_64`. */
  readonly model: string;
  /** KiB. */
  readonly memory: bigint;
  /** CPUs that are online. */
  readonly cpus: number;
  /** 0 unknown. */
  readonly mhz: number;
  /** NUMA cells. */
  readonly nodes: number;
  /** Per cell. */
  readonly sockets: number;
  /** Per socket. */
  readonly cores: number;
  /** Per core. */
  readonly threads: number;
}

/** The daemon, its driver and the machine. */
export class Node {
  readonly #caller: Caller;

  constructor(caller: Caller) {
    this.#caller = caller;
  }

  /** The driver's name: `QEMU`, `TEST`. */
  async getType(): Promise<string> {
    return (await this.#caller.call(procedures.connectGetType, undefined)).type;
  }

  /** The hypervisor's version: `7.2.0`. */
  async getVersion(): Promise<string> {
    return versionText((await this.#caller.call(procedures.connectGetVersion, undefined)).version);
  }

  /** libvirt's version: `9.0.0`. */
  async getLibVersion(): Promise<string> {
    return versionText((await this.#caller.call(procedures.connectGetLibVersion, undefined)).version);
  }

  async getHostname(): Promise<string> {
    return (await this.#caller.call(procedures.connectGetHostname, undefined)).hostname;
  }

  /** The canonical URI of the driver. */
  async getURI(): Promise<string> {
    return (await this.#caller.call(procedures.connectGetUri, undefined)).uri;
  }

  /** Whether nobody can listen to the connection: a unix socket is. */
  async isSecure(): Promise<boolean> {
    return (await this.#caller.call(procedures.connectIsSecure, undefined)).secure;
  }

  /** What the firmware says of the machine (XML). */
  async getSysinfo(): Promise<string> {
    return (await this.#caller.call(procedures.connectGetSysinfo, { flags: 0 })).sysinfo;
  }

  /** vCPUs that a domain may have at most. @param type - `kvm` or `qemu` */
  async getMaxVcpus(type?: string): Promise<number> {
    return (await this.#caller.call(procedures.connectGetMaxVcpus, { type })).maxVcpus;
  }

  /** The host's capabilities (XML). */
  async getCapabilities(): Promise<string> {
    return (await this.#caller.call(procedures.connectGetCapabilities, undefined)).capabilities;
  }

  /** What an emulator can do (XML). */
  async getDomainCapabilities(query: DomainCapabilitiesQuery = {}): Promise<string> {
    const { emulator, arch, machine, virtType } = query;
    const args = { emulator, arch, machine, virtType, flags: 0 };
    return (await this.#caller.call(procedures.connectGetDomainCapabilities, args)).capabilities;
  }

  /** Names of the CPU models that libvirt knows for an architecture (`x86_64`). */
  async getCpuModelNames(arch: string): Promise<readonly string[]> {
    return (await this.#caller.call(procedures.connectGetCpuModelNames, { arch, needResults: true, flags: 0 })).models;
  }

  /** How the host's CPU stands to a `<cpu>` element: a CpuComparison. @param flags - CompareCpuFlag */
  async compareCPU(xml: string, flags = 0): Promise<number> {
    return (await this.#caller.call(procedures.connectCompareCPU, { xml, flags })).result;
  }

  /** The `<cpu>` that all of these have in common. @param flags - BaselineCpuFlag */
  async baselineCPU(cpus: readonly string[], flags = 0): Promise<string> {
    return (await this.#caller.call(procedures.connectBaselineCPU, { cpus, flags })).cpu;
  }

  getInfo(): Promise<NodeInfo> {
    return this.#caller.call(procedures.nodeGetInfo, undefined);
  }

  /** Bytes. */
  async getFreeMemory(): Promise<bigint> {
    return (await this.#caller.call(procedures.nodeGetFreeMemory, undefined)).memory;
  }

  /** Bytes in each NUMA cell. @param maxCells - at most so many, from `startCell` on */
  async getCellsFreeMemory(startCell: number, maxCells: number): Promise<readonly bigint[]> {
    return (await this.#caller.call(procedures.nodeGetCellsFreeMemory, { startCell, maxCells })).cells;
  }

  /** Free pages of each size in each cell, cell by cell. @param pageSizes - KiB */
  async getFreePages(pageSizes: readonly number[], startCell: number, cellCount: number): Promise<readonly bigint[]> {
    const args = { pageSizes, startCell, cellCount, flags: 0 };
    return (await this.#caller.call(procedures.nodeGetFreePages, args)).counts;
  }

  /** Nanoseconds by libvirt's names (`kernel`, `user`, `idle`, …). @param cpu - without it all together */
  async getCPUStats(cpu = ALL): Promise<ReadonlyMap<string, bigint>> {
    // The daemon wants to be asked for as many as it has, and says how many when it is asked for none.
    const { count } = await this.#caller.call(procedures.nodeGetCPUStats, { cpu, count: 0, flags: 0 });
    return (await this.#caller.call(procedures.nodeGetCPUStats, { cpu, count, flags: 0 })).stats;
  }

  /** KiB by libvirt's names (`total`, `free`, `buffers`, `cached`). @param cell - without it all together */
  async getMemoryStats(cell = ALL): Promise<ReadonlyMap<string, bigint>> {
    const { count } = await this.#caller.call(procedures.nodeGetMemoryStats, { cell, count: 0, flags: 0 });
    return (await this.#caller.call(procedures.nodeGetMemoryStats, { cell, count, flags: 0 })).stats;
  }

  /** The machine's CPUs: how many there are, and the numbers of those that are online. */
  async getCPUMap(): Promise<{ readonly total: number; readonly online: readonly number[] }> {
    const args = { needMap: true, needOnline: true, flags: 0 };
    const { total, map } = await this.#caller.call(procedures.nodeGetCPUMap, args);
    return { total, online: cpusOfMap(map) };
  }

  /** The confinement that the driver uses; empty without one. */
  async getSecurityModel(): Promise<{ readonly model: string; readonly doi: string }> {
    const { model, doi } = await this.#caller.call(procedures.nodeGetSecurityModel, undefined);
    return { model: textOfCharacters(model), doi: textOfCharacters(doi) };
  }
}

/** libvirt packs versions as major * 1,000,000 + minor * 1,000 + release. */
function versionText(packed: bigint): string {
  return [packed / 1_000_000n, (packed / 1_000n) % 1_000n, packed % 1_000n].join('.');
}
