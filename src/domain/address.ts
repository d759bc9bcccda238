import { PCI_ADDRESS } from '../api/pci-address.js';
import { DomainError } from './error.js';
import { element, type XmlElement } from './xml.js';

/** `<address type="pci">` of "0000:81:00.0"; undefined for undefined. */
export const pciAddress = (text: string | undefined, field: string): XmlElement | undefined => {
  if (text === undefined || text === '') return undefined;
  const [, domain, bus, slot, fn] = PCI_ADDRESS.exec(text) ?? [];
  if (fn === undefined) {
    throw new DomainError(
      'InvalidValue',
      `${JSON.stringify(text)} is no PCI address; write it as "0000:81:00.0"`,
      field,
    );
  }
  // libvirt would put a root port on every bus but the first, and such a port has one slot.
  if (bus !== '00' && slot !== '00') {
    throw new DomainError(
      'InvalidValue',
      `${JSON.stringify(text)}: bus ${bus} has slot 00 only, as every bus but 00; write "${domain}:${bus}:00.0", or a free slot of bus 00 such as "0000:00:10.0"`,
      field,
    );
  }
  return element('address', {
    type: 'pci',
    domain: `0x${domain}`,
    bus: `0x${bus}`,
    slot: `0x${slot}`,
    function: `0x${fn}`,
  });
};

/** The characters libvirt takes in an alias. It drops an alias that has others, and the device would be lost to us. */
const ALIAS = /^[A-Za-z0-9_-]+$/;

/** `<alias name="ua-NAME">`: how the agent finds the device of an API name again. */
export const alias = (name: string, field: string): XmlElement => {
  if (!ALIAS.test(name)) {
    throw new DomainError('InvalidValue', `${JSON.stringify(name)} may hold only letters, digits, "-" and "_"`, field);
  }
  return element('alias', { name: `ua-${name}` });
};
