import type { Caller } from './caller.js';
import { procedures } from './procedures.js';
import type { Domain } from './wire-types.js';

/** A domain's memory in a file of the daemon's machine. */
export class SavedStates {
  readonly #caller: Caller;

  constructor(caller: Caller) {
    this.#caller = caller;
  }

  /** Writes a running domain's memory to `file` and ends it. @param xml - another definition to restore with */
  save(domain: Domain, file: string, xml?: string, flags = 0): Promise<void> {
    return this.#caller.call(procedures.domainSaveFlags, { domain, file, xml, flags });
  }

  /** Starts the domain that was saved in `file`. @param flags - SaveFlag */
  restore(file: string, xml?: string, flags = 0): Promise<void> {
    return this.#caller.call(procedures.domainRestoreFlags, { file, xml, flags });
  }

  /** The definition in a saved state. @param flags - XmlFlag.SECURE */
  async getXML(file: string, flags = 0): Promise<string> {
    return (await this.#caller.call(procedures.domainSaveImageGetXMLDesc, { file, flags })).xml;
  }

  /** Changes the definition in a saved state. @param flags - SaveFlag */
  defineXML(file: string, xml: string, flags = 0): Promise<void> {
    return this.#caller.call(procedures.domainSaveImageDefineXML, { file, xml, flags });
  }

  /** Like `save`, to a file that the daemon keeps: the next `create` resumes from it. @param flags - SaveFlag */
  saveManaged(domain: Domain, flags = 0): Promise<void> {
    return this.#caller.call(procedures.domainManagedSave, { domain, flags });
  }

  async hasManaged(domain: Domain): Promise<boolean> {
    return (await this.#caller.call(procedures.domainHasManagedSaveImage, { domain, flags: 0 })).result;
  }

  removeManaged(domain: Domain): Promise<void> {
    return this.#caller.call(procedures.domainManagedSaveRemove, { domain, flags: 0 });
  }

  /** Writes a running domain's memory for a debugger. @param format - DumpFormat @param flags - DumpFlag */
  dumpCore(domain: Domain, file: string, format = 0, flags = 0): Promise<void> {
    return this.#caller.call(procedures.domainCoreDumpWithFormat, { domain, file, format, flags });
  }
}
