import type { Caller } from './caller.js';
import { AgentTimeout } from './flags.js';
import { procedures } from './procedures.js';
import type { Domain, TypedParameters } from './wire-types.js';

/** A network interface as the guest sees it. */
export interface GuestInterface {
  readonly name: string;
  readonly hardwareAddress: string | undefined;
  /** `type` 0 is IPv4, 1 IPv6; `prefix` in bits. */
  readonly addresses: readonly { readonly type: number; readonly address: string; readonly prefix: number }[];
}

/** A mounted file system as the guest sees it. */
export interface GuestFilesystem {
  readonly mountpoint: string;
  /** The device inside the guest: `vda1`. */
  readonly name: string;
  /** `ext4`, `NTFS`, … */
  readonly type: string;
  /** Targets of the domain's disks that it is on. */
  readonly disks: readonly string[];
}

/** Inside the guest: what its agent does and knows, its keyboard; and QEMU's monitor. */
export class Guests {
  readonly #caller: Caller;

  constructor(caller: Caller) {
    this.#caller = caller;
  }

  /**
   * Sends a command to the guest agent and returns its answer.
   * @param command - JSON of the agent's protocol: `{"execute":"guest-ping"}`
   * @param timeout - seconds, or an AgentTimeout. Rejects with AGENT_UNRESPONSIVE when no agent answers.
   */
  async agentCommand(domain: Domain, command: string, timeout: number = AgentTimeout.DEFAULT): Promise<string> {
    const args = { domain, command, timeout, flags: 0 };
    return (await this.#caller.call(procedures.qemuAgentCommand, args)).result ?? '';
  }

  /** Sends a command to QEMU's monitor; the domain counts as tainted from then on. @param flags - MonitorCommandFlag */
  async monitorCommand(domain: Domain, command: string, flags = 0): Promise<string> {
    return (await this.#caller.call(procedures.qemuMonitorCommand, { domain, command, flags })).result;
  }

  /**
   * What the guest agent reports, by virDomainGetGuestInfo's names (`os.id`, `fs.count`, …). @param types -
   * GuestInfoType
   */
  async getInfo(domain: Domain, types = 0): Promise<TypedParameters> {
    return (await this.#caller.call(procedures.domainGetGuestInfo, { domain, types, flags: 0 })).params;
  }

  /** @param flags - HostnameFlag: who is asked */
  async getHostname(domain: Domain, flags = 0): Promise<string> {
    return (await this.#caller.call(procedures.domainGetHostname, { domain, flags })).hostname;
  }

  /** @param source - AddressSource: who is asked */
  async getInterfaceAddresses(domain: Domain, source: number): Promise<readonly GuestInterface[]> {
    return (await this.#caller.call(procedures.domainInterfaceAddresses, { domain, source, flags: 0 })).interfaces;
  }

  /** Which vCPUs the guest uses, by libvirt's names (`vcpus`, `online`, `offlinable`). Needs the guest agent. */
  async getVcpus(domain: Domain): Promise<TypedParameters> {
    return (await this.#caller.call(procedures.domainGetGuestVcpus, { domain, flags: 0 })).params;
  }

  /** Lets the guest use vCPUs, or not. Needs the guest agent. @param vcpus - such as `1-3` */
  setVcpus(domain: Domain, vcpus: string, online: boolean): Promise<void> {
    return this.#caller.call(procedures.domainSetGuestVcpus, { domain, cpus: vcpus, state: online ? 1 : 0, flags: 0 });
  }

  /** The guest's clock. Needs the guest agent. */
  getTime(domain: Domain): Promise<{ readonly seconds: bigint; readonly nanoseconds: number }> {
    return this.#caller.call(procedures.domainGetTime, { domain, flags: 0 });
  }

  /** Sets the guest's clock. Needs the guest agent. @param flags - TimeFlag: SYNC takes that of the virtual RTC */
  setTime(domain: Domain, seconds: bigint, nanoseconds = 0, flags = 0): Promise<void> {
    return this.#caller.call(procedures.domainSetTime, { domain, seconds, nanoseconds, flags });
  }

  /** Sets a user's password. Needs the guest agent. @param flags - PasswordFlag */
  setUserPassword(domain: Domain, user: string, password: string, flags = 0): Promise<void> {
    return this.#caller.call(procedures.domainSetUserPassword, { domain, user, password, flags });
  }

  /** Freezes the guest's file systems (all, or these); returns how many. Needs the guest agent. */
  async freezeFilesystems(domain: Domain, mountpoints: readonly string[] = []): Promise<number> {
    return (await this.#caller.call(procedures.domainFSFreeze, { domain, mountpoints, flags: 0 })).filesystems;
  }

  /** Thaws frozen file systems; returns how many. */
  async thawFilesystems(domain: Domain, mountpoints: readonly string[] = []): Promise<number> {
    return (await this.#caller.call(procedures.domainFSThaw, { domain, mountpoints, flags: 0 })).filesystems;
  }

  /** Gives unused blocks back to the disks. @param minimum - bytes: shorter gaps stay */
  trimFilesystems(domain: Domain, mountpoint?: string, minimum = 0n): Promise<void> {
    return this.#caller.call(procedures.domainFSTrim, { domain, mountpoint, minimum, flags: 0 });
  }

  /** The mounted file systems. Needs the guest agent. */
  async getFilesystems(domain: Domain): Promise<readonly GuestFilesystem[]> {
    return (await this.#caller.call(procedures.domainGetFSInfo, { domain, flags: 0 })).filesystems;
  }

  /** Raises a non-maskable interrupt in the guest. */
  injectNMI(domain: Domain): Promise<void> {
    return this.#caller.call(procedures.domainInjectNMI, { domain, flags: 0 });
  }

  /**
   * Presses keys together and lets them go.
   * @param keycodes - 1 to 16 codes of `codeset`
   * @param holdTime - milliseconds
   * @param codeset - KeycodeSet
   */
  sendKey(domain: Domain, keycodes: readonly number[], holdTime = 0, codeset = 0): Promise<void> {
    return this.#caller.call(procedures.domainSendKey, { domain, codeset, holdTime, keycodes, flags: 0 });
  }
}
