import type { Caller } from './caller.js';
import { procedures } from './procedures.js';
import type { Domain } from './wire-types.js';

/** Devices of domains. `flags` are AffectFlag: the running domain, its definition, or both. */
export class Devices {
  readonly #caller: Caller;

  constructor(caller: Caller) {
    this.#caller = caller;
  }

  /** Adds a device. @param xml - the device's element, such as `<disk …>` */
  attach(domain: Domain, xml: string, flags = 0): Promise<void> {
    return this.#caller.call(procedures.domainAttachDeviceFlags, { domain, xml, flags });
  }

  /**
   * Removes a device. For a running guest it only requests the removal: `deviceRemoved` or `deviceRemovalFailed`
   * reports the outcome.
   */
  detach(domain: Domain, xml: string, flags = 0): Promise<void> {
    return this.#caller.call(procedures.domainDetachDeviceFlags, { domain, xml, flags });
  }

  /** Removes a device by its alias (`<alias name='ua-…'/>`); asks like `detach`. */
  detachByAlias(domain: Domain, alias: string, flags = 0): Promise<void> {
    return this.#caller.call(procedures.domainDetachDeviceAlias, { domain, alias, flags });
  }

  /** Changes a device in place: another medium, a link's state. */
  update(domain: Domain, xml: string, flags = 0): Promise<void> {
    return this.#caller.call(procedures.domainUpdateDeviceFlags, { domain, xml, flags });
  }
}
