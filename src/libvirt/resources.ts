import type { Caller } from './caller.js';
import { bytesForCpus, cpusOfMap, mapOfCpus } from './cpu-map.js';
import { procedures } from './procedures.js';
import type { Domain } from './wire-types.js';

/** Most vCPUs asked for; more than any machine type of QEMU has. */
const VCPU_MAX = 4096;

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

/** vCPUs and memory of domains: how many, where, and what is in them. */
export class Resources {
  readonly #caller: Caller;

  constructor(caller: Caller) {
    this.#caller = caller;
  }

  /** Sets the memory the guest has. @param memory - KiB @param flags - MemoryFlag */
  setMemory(domain: Domain, memory: bigint, flags = 0): Promise<void> {
    return this.#caller.call(procedures.domainSetMemoryFlags, { domain, memory, flags });
  }

  /** KiB the guest may have at most. */
  async getMaxMemory(domain: Domain): Promise<bigint> {
    return (await this.#caller.call(procedures.domainGetMaxMemory, { domain })).memory;
  }

  /** How often the guest's balloon driver reports. @param period - seconds; 0 never @param flags - AffectFlag */
  setMemoryStatsPeriod(domain: Domain, period: number, flags = 0): Promise<void> {
    return this.#caller.call(procedures.domainSetMemoryStatsPeriod, { domain, period, flags });
  }

  /** Bytes of the guest's memory, at most 4 MiB at a time. @param flags - MemoryPeekFlag */
  async peekMemory(domain: Domain, offset: bigint, size: number, flags: number): Promise<Uint8Array> {
    return (await this.#caller.call(procedures.domainMemoryPeek, { domain, offset, size, flags })).data;
  }

  /** Sets the number of vCPUs. @param flags - VcpuFlag */
  setVcpus(domain: Domain, vcpus: number, flags = 0): Promise<void> {
    return this.#caller.call(procedures.domainSetVcpusFlags, { domain, vcpus, flags });
  }

  /** The number of vCPUs. @param flags - VcpuFlag: of what runs or of the definition, now or at most */
  async countVcpus(domain: Domain, flags = 0): Promise<number> {
    return (await this.#caller.call(procedures.domainGetVcpusFlags, { domain, flags })).count;
  }

  /** vCPUs that this domain's type allows at most. */
  async getMaxVcpus(domain: Domain): Promise<number> {
    return (await this.#caller.call(procedures.domainGetMaxVcpus, { domain })).count;
  }

  async getVcpus(domain: Domain): Promise<readonly VcpuInfo[]> {
    return (await this.#caller.call(procedures.domainGetVcpus, { domain, maxInfo: VCPU_MAX, mapLength: 0 })).info;
  }

  /** Lets a vCPU run on these CPUs of the host only. @param flags - AffectFlag */
  pinVcpu(domain: Domain, vcpu: number, cpus: readonly number[], flags = 0): Promise<void> {
    return this.#caller.call(procedures.domainPinVcpuFlags, { domain, vcpu, cpuMap: mapOfCpus(cpus), flags });
  }

  /** For each vCPU the host's CPUs that it may run on. @param flags - AffectFlag */
  async getVcpuPins(domain: Domain, flags = 0): Promise<readonly (readonly number[])[]> {
    const [maps, mapLength] = await Promise.all([this.countVcpus(domain, flags), this.#mapLength()]);
    const args = { domain, maps, mapLength, flags };
    const { cpuMaps, count } = await this.#caller.call(procedures.domainGetVcpuPinInfo, args);
    const pins = Array.from({ length: Math.min(count, maps) }, (_, vcpu) => vcpu * mapLength);
    return pins.map((start) => cpusOfMap(cpuMaps.subarray(start, start + mapLength)));
  }

  /** Lets the emulator's own threads run on these CPUs of the host only. @param flags - AffectFlag */
  pinEmulator(domain: Domain, cpus: readonly number[], flags = 0): Promise<void> {
    return this.#caller.call(procedures.domainPinEmulator, { domain, cpuMap: mapOfCpus(cpus), flags });
  }

  /** The host's CPUs that the emulator's own threads may run on. @param flags - AffectFlag */
  async getEmulatorPin(domain: Domain, flags = 0): Promise<readonly number[]> {
    const args = { domain, mapLength: await this.#mapLength(), flags };
    return cpusOfMap((await this.#caller.call(procedures.domainGetEmulatorPinInfo, args)).cpuMaps);
  }

  /** Bytes of a set of the host's CPUs. */
  async #mapLength(): Promise<number> {
    const args = { needMap: false, needOnline: false, flags: 0 };
    return bytesForCpus((await this.#caller.call(procedures.nodeGetCPUMap, args)).total);
  }
}
