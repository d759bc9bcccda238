import type { Caller } from './caller.js';
import { procedures } from './procedures.js';
import type { Domain, Snapshot } from './wire-types.js';

/** Snapshots of domains: disks, and memory of running ones. */
export class Snapshots {
  readonly #caller: Caller;

  constructor(caller: Caller) {
    this.#caller = caller;
  }

  /** Takes a snapshot, or defines one again (REDEFINE). @param flags - SnapshotCreateFlag */
  async createXML(domain: Domain, xml: string, flags = 0): Promise<Snapshot> {
    return (await this.#caller.call(procedures.domainSnapshotCreateXML, { domain, xml, flags })).snapshot;
  }

  /** @param flags - XmlFlag.SECURE */
  async getXML(snapshot: Snapshot, flags = 0): Promise<string> {
    return (await this.#caller.call(procedures.domainSnapshotGetXMLDesc, { snapshot, flags })).xml;
  }

  /** All of a domain. @param flags - SnapshotListFlag */
  async listAll(domain: Domain, flags = 0): Promise<readonly Snapshot[]> {
    const args = { domain, needResults: true, flags };
    return (await this.#caller.call(procedures.domainListAllSnapshots, args)).snapshots;
  }

  /** Those that were taken after this one. @param flags - SnapshotListFlag */
  async listChildren(snapshot: Snapshot, flags = 0): Promise<readonly Snapshot[]> {
    const args = { snapshot, needResults: true, flags };
    return (await this.#caller.call(procedures.domainSnapshotListAllChildren, args)).snapshots;
  }

  /** Rejects with NO_DOMAIN_SNAPSHOT when there is none. */
  async lookupByName(domain: Domain, name: string): Promise<Snapshot> {
    return (await this.#caller.call(procedures.domainSnapshotLookupByName, { domain, name, flags: 0 })).snapshot;
  }

  /** The one that the domain's state is based on; undefined when there is none. */
  async getCurrent(domain: Domain): Promise<Snapshot | undefined> {
    const { result } = await this.#caller.call(procedures.domainHasCurrentSnapshot, { domain, flags: 0 });
    if (!result) return undefined;
    return (await this.#caller.call(procedures.domainSnapshotCurrent, { domain, flags: 0 })).snapshot;
  }

  /** Rejects with NO_DOMAIN_SNAPSHOT for one that has none. */
  async getParent(snapshot: Snapshot): Promise<Snapshot> {
    return (await this.#caller.call(procedures.domainSnapshotGetParent, { snapshot, flags: 0 })).snapshot;
  }

  async isCurrent(snapshot: Snapshot): Promise<boolean> {
    return (await this.#caller.call(procedures.domainSnapshotIsCurrent, { snapshot, flags: 0 })).current;
  }

  /** Whether the daemon keeps a description of it, not only the disks their data. */
  async hasMetadata(snapshot: Snapshot): Promise<boolean> {
    return (await this.#caller.call(procedures.domainSnapshotHasMetadata, { snapshot, flags: 0 })).metadata;
  }

  /** Brings the domain back to where it was. @param flags - SnapshotRevertFlag */
  revert(snapshot: Snapshot, flags = 0): Promise<void> {
    return this.#caller.call(procedures.domainRevertToSnapshot, { snapshot, flags });
  }

  /** @param flags - SnapshotDeleteFlag */
  delete(snapshot: Snapshot, flags = 0): Promise<void> {
    return this.#caller.call(procedures.domainSnapshotDelete, { snapshot, flags });
  }
}
