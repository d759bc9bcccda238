/** Domains: define, find, start, stop, look at. */
import type { Caller } from './caller.js';
import { procedures } from './procedures.js';
import type { Domain } from './wire-types.js';

/** `getInfo`'s result. */
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

/** What of a domain's own description is read or written; `uri` and `key` for MetadataType.ELEMENT only. */
export interface MetadataQuery {
  /** MetadataType */
  readonly type: number;
  /** The element's XML namespace. */
  readonly uri?: string | undefined;
  /** The namespace's prefix, for writing. */
  readonly key?: string | undefined;
}

export class Domains {
  readonly #caller: Caller;

  constructor(caller: Caller) {
    this.#caller = caller;
  }

  /**
   * Defines a persistent domain, or redefines the one with the same name and UUID.
   * @param flags - DefineFlag
   */
  async defineXML(xml: string, flags = 0): Promise<Domain> {
    return (await this.#caller.call(procedures.domainDefineXMLFlags, { xml, flags })).domain;
  }

  /** Starts a transient domain: it ceases to exist when it stops. @param flags - CreateFlag */
  async createXML(xml: string, flags = 0): Promise<Domain> {
    return (await this.#caller.call(procedures.domainCreateXML, { xml, flags })).domain;
  }

  /** Starts a defined domain; the result has the running instance's id. @param flags - CreateFlag */
  async create(domain: Domain, flags = 0): Promise<Domain> {
    return (await this.#caller.call(procedures.domainCreateWithFlags, { domain, flags })).domain;
  }

  /** Ends the guest at once. Returns when its process has ended, which can take seconds. @param flags - DestroyFlag */
  destroy(domain: Domain, flags = 0): Promise<void> {
    return this.#caller.call(procedures.domainDestroyFlags, { domain, flags });
  }

  /**
   * Asks the guest to power off; returns at once. A lifecycle event reports when it did. @param flags - ShutdownFlag
   */
  shutdown(domain: Domain, flags = 0): Promise<void> {
    return this.#caller.call(procedures.domainShutdownFlags, { domain, flags });
  }

  /** Asks the guest to reboot; returns at once. @param flags - ShutdownFlag */
  reboot(domain: Domain, flags = 0): Promise<void> {
    return this.#caller.call(procedures.domainReboot, { domain, flags });
  }

  /** Presses the reset button. */
  reset(domain: Domain): Promise<void> {
    return this.#caller.call(procedures.domainReset, { domain, flags: 0 });
  }

  /** Stops the vCPUs; memory stays. */
  suspend(domain: Domain): Promise<void> {
    return this.#caller.call(procedures.domainSuspend, { domain });
  }

  /** Lets suspended vCPUs run again. */
  resume(domain: Domain): Promise<void> {
    return this.#caller.call(procedures.domainResume, { domain });
  }

  /** Lets the guest put itself to sleep; needs its agent. @param target - SuspendTarget */
  suspendGuest(domain: Domain, target: number): Promise<void> {
    return this.#caller.call(procedures.domainPMSuspendForDuration, { domain, target, duration: 0n, flags: 0 });
  }

  /** Wakes a guest that has put itself to sleep. */
  wakeUp(domain: Domain): Promise<void> {
    return this.#caller.call(procedures.domainPMWakeup, { domain, flags: 0 });
  }

  /** Forgets the definition; a running domain becomes transient. @param flags - UndefineFlag */
  undefine(domain: Domain, flags = 0): Promise<void> {
    return this.#caller.call(procedures.domainUndefineFlags, { domain, flags });
  }

  /** Gives a domain that is not running another name. */
  async rename(domain: Domain, name: string): Promise<void> {
    await this.#caller.call(procedures.domainRename, { domain, name, flags: 0 });
  }

  /** Rejects with NO_DOMAIN when there is none. */
  async lookupByName(name: string): Promise<Domain> {
    return (await this.#caller.call(procedures.domainLookupByName, { name })).domain;
  }

  /** Rejects with NO_DOMAIN when there is none. */
  async lookupByUUID(uuid: string): Promise<Domain> {
    return (await this.#caller.call(procedures.domainLookupByUUID, { uuid })).domain;
  }

  /** Rejects with NO_DOMAIN when no running domain has this id. */
  async lookupByID(id: number): Promise<Domain> {
    return (await this.#caller.call(procedures.domainLookupByID, { id })).domain;
  }

  /** All domains, running or not. @param flags - ListFlag */
  async listAll(flags = 0): Promise<readonly Domain[]> {
    return (await this.#caller.call(procedures.connectListAllDomains, { needResults: true, flags })).domains;
  }

  /** The domain's XML. @param flags - XmlFlag */
  async getXML(domain: Domain, flags = 0): Promise<string> {
    return (await this.#caller.call(procedures.domainGetXMLDesc, { domain, flags })).xml;
  }

  getInfo(domain: Domain): Promise<DomainInfo> {
    return this.#caller.call(procedures.domainGetInfo, { domain });
  }

  /** `state` is a DomainState; `reason` is RunningReason, PausedReason, ShutoffReason or CrashedReason after it. */
  getState(domain: Domain): Promise<{ readonly state: number; readonly reason: number }> {
    return this.#caller.call(procedures.domainGetState, { domain, flags: 0 });
  }

  /**
   * Whether libvirt can reach QEMU's monitor: `state` 0 yes, 1 a job is running, 2 the monitor is busy, 3 unusable.
   * `stateTime` is milliseconds since `state` was entered.
   */
  getControlInfo(
    domain: Domain,
  ): Promise<{ readonly state: number; readonly details: number; readonly stateTime: bigint }> {
    return this.#caller.call(procedures.domainGetControlInfo, { domain, flags: 0 });
  }

  async isActive(domain: Domain): Promise<boolean> {
    return (await this.#caller.call(procedures.domainIsActive, { domain })).active;
  }

  async isPersistent(domain: Domain): Promise<boolean> {
    return (await this.#caller.call(procedures.domainIsPersistent, { domain })).persistent;
  }

  /** Whether the definition differs from what runs. */
  async isUpdated(domain: Domain): Promise<boolean> {
    return (await this.#caller.call(procedures.domainIsUpdated, { domain })).updated;
  }

  /** `hvm` for a virtual machine. */
  async getOSType(domain: Domain): Promise<string> {
    return (await this.#caller.call(procedures.domainGetOSType, { domain })).type;
  }

  /** Whether the daemon starts the domain when it starts itself. */
  async getAutostart(domain: Domain): Promise<boolean> {
    return (await this.#caller.call(procedures.domainGetAutostart, { domain })).autostart;
  }

  setAutostart(domain: Domain, autostart: boolean): Promise<void> {
    return this.#caller.call(procedures.domainSetAutostart, { domain, autostart });
  }

  /** The domain's title, description, or own element. Rejects with NO_DOMAIN_METADATA when it has none. */
  async getMetadata(domain: Domain, { type, uri }: MetadataQuery, flags = 0): Promise<string> {
    return (await this.#caller.call(procedures.domainGetMetadata, { domain, type, uri, flags })).metadata;
  }

  /** Sets the title, description or own element; undefined removes it. @param flags - AffectFlag */
  setMetadata(
    domain: Domain,
    { type, uri, key }: MetadataQuery,
    metadata: string | undefined,
    flags = 0,
  ): Promise<void> {
    return this.#caller.call(procedures.domainSetMetadata, { domain, type, metadata, key, uri, flags });
  }
}
