import { pciAddressProblem, readPciAddress, type PciKind } from '../api/pci-address.js';
import { DomainError } from './error.js';
import { element, type XmlElement } from './xml.js';

/** `<address type="pci">` of "0000:81:00.0"; undefined for undefined. */
export const pciAddress = (text: string | undefined, kind: PciKind, field: string): XmlElement | undefined => {
  if (text === undefined || text === '') return undefined;
  const [problem, address] = [pciAddressProblem(text, kind), readPciAddress(text)];
  if (problem !== undefined || address === undefined)
    throw new DomainError('InvalidValue', problem ?? 'is not a PCI address', field);
  const { domain, bus, slot, function: fn } = address;
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

/** `<alias>`: how the agent finds the device of an API name again (`src/api/vmi/device-alias.ts`). */
export const alias = (name: string, field: string): XmlElement => {
  if (ALIAS.test(name)) return element('alias', { name });
  throw new DomainError('InvalidValue', `${JSON.stringify(name)} may hold only letters, digits, "-" and "_"`, field);
};
