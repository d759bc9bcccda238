/** Domains: changing their devices and sizes. `flags` are AffectFlag unless said otherwise. */
import { BlockResizeFlag } from './constants.js';
import { DomainQueries } from './domain-queries.js';
import { procedures } from './procedures.js';
import type { Domain } from './wire-types.js';

export abstract class DomainDevices extends DomainQueries {
  /** Adds a device. @param xml - the device's element, such as `<disk …>` */
  attachDevice(domain: Domain, xml: string, flags = 0): Promise<void> {
    return this.call(procedures.domainAttachDeviceFlags, { domain, xml, flags });
  }

  /** Removes a device. Of a running guest it only asks: `deviceRemoved` or `deviceRemovalFailed` tells the outcome. */
  detachDevice(domain: Domain, xml: string, flags = 0): Promise<void> {
    return this.call(procedures.domainDetachDeviceFlags, { domain, xml, flags });
  }

  /** Removes a device by its alias (`<alias name='ua-…'/>`); asks like detachDevice. */
  detachDeviceAlias(domain: Domain, alias: string, flags = 0): Promise<void> {
    return this.call(procedures.domainDetachDeviceAlias, { domain, alias, flags });
  }

  /** Changes a device in place: another medium, a link's state. */
  updateDevice(domain: Domain, xml: string, flags = 0): Promise<void> {
    return this.call(procedures.domainUpdateDeviceFlags, { domain, xml, flags });
  }

  /** Tells a running guest a disk's new size, and grows its image. @param disk - target (`vda`) @param size - bytes */
  blockResize(domain: Domain, disk: string, size: bigint): Promise<void> {
    return this.call(procedures.domainBlockResize, { domain, disk, size, flags: BlockResizeFlag.BYTES });
  }

  /** Sets the memory the guest has. @param memory - KiB @param flags - MemoryFlag */
  setMemory(domain: Domain, memory: bigint, flags = 0): Promise<void> {
    return this.call(procedures.domainSetMemoryFlags, { domain, memory, flags });
  }

  /** How often the guest's balloon driver reports. @param period - seconds; 0 never */
  setMemoryStatsPeriod(domain: Domain, period: number, flags = 0): Promise<void> {
    return this.call(procedures.domainSetMemoryStatsPeriod, { domain, period, flags });
  }

  /** Sets the number of vCPUs. @param flags - VcpuFlag */
  setVcpus(domain: Domain, vcpus: number, flags = 0): Promise<void> {
    return this.call(procedures.domainSetVcpusFlags, { domain, vcpus, flags });
  }
}
