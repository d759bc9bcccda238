/** Domains: define, find, start, stop. */
import { ConnectionBase } from './connection-base.js';
import { procedures } from './procedures.js';
import type { Domain } from './wire-types.js';

export abstract class DomainLifecycle extends ConnectionBase {
  /**
   * Defines a persistent domain, or redefines the one with the same name and UUID.
   * @param flags - DefineFlag
   */
  async defineDomainXML(xml: string, flags = 0): Promise<Domain> {
    return (await this.call(procedures.domainDefineXMLFlags, { xml, flags })).domain;
  }

  /** Starts a transient domain: it is gone when it stops. @param flags - CreateFlag */
  async createDomainXML(xml: string, flags = 0): Promise<Domain> {
    return (await this.call(procedures.domainCreateXML, { xml, flags })).domain;
  }

  /** Starts a defined domain; the result has the running instance's id. @param flags - CreateFlag */
  async createDomain(domain: Domain, flags = 0): Promise<Domain> {
    return (await this.call(procedures.domainCreateWithFlags, { domain, flags })).domain;
  }

  /** Ends the guest at once. Returns when its process is gone, which can take seconds. @param flags - DestroyFlag */
  destroyDomain(domain: Domain, flags = 0): Promise<void> {
    return this.call(procedures.domainDestroyFlags, { domain, flags });
  }

  /** Asks the guest to power off; returns at once. A lifecycle event tells when it did. @param flags - ShutdownFlag */
  shutdownDomain(domain: Domain, flags = 0): Promise<void> {
    return this.call(procedures.domainShutdownFlags, { domain, flags });
  }

  /** Asks the guest to reboot; returns at once. @param flags - ShutdownFlag */
  rebootDomain(domain: Domain, flags = 0): Promise<void> {
    return this.call(procedures.domainReboot, { domain, flags });
  }

  /** Presses the reset button. */
  resetDomain(domain: Domain): Promise<void> {
    return this.call(procedures.domainReset, { domain, flags: 0 });
  }

  /** Stops the vCPUs; memory stays. */
  suspendDomain(domain: Domain): Promise<void> {
    return this.call(procedures.domainSuspend, { domain });
  }

  /** Lets suspended vCPUs run again. */
  resumeDomain(domain: Domain): Promise<void> {
    return this.call(procedures.domainResume, { domain });
  }

  /** Forgets the definition; a running domain becomes transient. @param flags - UndefineFlag */
  undefineDomain(domain: Domain, flags = 0): Promise<void> {
    return this.call(procedures.domainUndefineFlags, { domain, flags });
  }

  /** Rejects with NO_DOMAIN when there is none. */
  async lookupDomainByName(name: string): Promise<Domain> {
    return (await this.call(procedures.domainLookupByName, { name })).domain;
  }

  /** Rejects with NO_DOMAIN when there is none. */
  async lookupDomainByUUID(uuid: string): Promise<Domain> {
    return (await this.call(procedures.domainLookupByUUID, { uuid })).domain;
  }

  /** Rejects with NO_DOMAIN when no running domain has this id. */
  async lookupDomainByID(id: number): Promise<Domain> {
    return (await this.call(procedures.domainLookupByID, { id })).domain;
  }

  /** All domains, running or not. @param flags - ListFlag */
  async listAllDomains(flags = 0): Promise<readonly Domain[]> {
    return (await this.call(procedures.connectListAllDomains, { needResults: true, flags })).domains;
  }

  /** Raises a non-maskable interrupt in the guest. */
  injectNMI(domain: Domain): Promise<void> {
    return this.call(procedures.domainInjectNMI, { domain, flags: 0 });
  }

  /**
   * Presses keys together and lets them go.
   * @param keycodes - 1 to 16 codes of `codeset`
   * @param holdTime - milliseconds
   * @param codeset - KeycodeSet
   */
  sendKey(domain: Domain, keycodes: readonly number[], holdTime = 0, codeset = 0): Promise<void> {
    return this.call(procedures.domainSendKey, { domain, codeset, holdTime, keycodes, flags: 0 });
  }
}
