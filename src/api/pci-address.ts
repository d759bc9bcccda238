/** A PCI address as `0000:81:00.0`: domain, bus, slot and function in hexadecimal. */
export const PCI_ADDRESS = /^([\da-f]{4}):([\da-f]{2}):([\da-f]{2})\.([0-7])$/i;

export interface PciAddress {
  readonly domain: string;
  readonly bus: string;
  readonly slot: string;
  readonly function: string;
}

/** The parts of an address, in lower case; undefined for what is none. */
export const readPciAddress = (text: string): PciAddress | undefined => {
  const [, domain, bus, slot, fn] = PCI_ADDRESS.exec(text.toLowerCase()) ?? [];
  return domain === undefined || bus === undefined || slot === undefined || fn === undefined
    ? undefined
    : { domain, bus, slot, function: fn };
};

const FREE_ON_ROOT = '"0000:00:10.0"';
const FREE = `${FREE_ON_ROOT} or "0000:81:00.0"`;
const LAST_SLOT = 0x1f;
/** Each bus but the first hangs on a root port, and bus 00 holds a good 200 of them, eight in a slot. */
const LAST_BUS = 0xc8;
/** Slots of bus 00 of the machine type q35 that are taken: the host bridge, and the chipset's own functions. */
const TAKEN: Readonly<Record<string, string>> = { '00': 'the host bridge', '1f': 'the chipset' };

/**
 * How a device is attached. libvirt puts a conventional one that names a bus behind a bridge whose number and slots
 * depend on the other devices.
 */
export type PciKind = 'express' | 'conventional';

/**
 * What is wrong with the address of a device of a q35 machine; undefined: nothing. libvirt puts a root port on every
 * bus but the first, and such a port has one slot. Continues a field.
 */
export const pciAddressProblem = (text: string, kind: PciKind = 'express'): string | undefined => {
  const address = readPciAddress(text);
  const shown = JSON.stringify(text.slice(0, 40));
  if (address === undefined) return `${shown} is not a PCI address: write one such as "0000:81:00.0"`;
  const { domain, bus, slot, function: fn } = address;
  if (domain !== '0000') return `${shown}: a VM has the PCI domain 0000 only: write "0000:${bus}:${slot}.${fn}"`;
  if (parseInt(slot, 16) > LAST_SLOT) return `${shown}: a bus has the slots 00 to 1f: write one such as ${FREE}`;
  if (bus === '00') {
    return TAKEN[slot] === undefined
      ? undefined
      : `${shown}: slot ${slot} of bus 00 is ${TAKEN[slot]}'s: write one such as ${kind === 'express' ? FREE : FREE_ON_ROOT}`;
  }
  if (kind === 'conventional')
    return `${shown}: the device is one of conventional PCI, for which bus 00 alone has known slots: write one such as ${FREE_ON_ROOT}`;
  if (slot !== '00')
    return `${shown}: bus ${bus} has slot 00 only, as every bus but 00: write "0000:${bus}:00.0", or a free slot of bus 00 such as ${FREE_ON_ROOT}`;
  if (parseInt(bus, 16) > LAST_BUS) return `${shown}: a VM has room for buses up to c8: write one such as ${FREE}`;
  return undefined;
};

/** Function 0 of the same slot, without which no guest finds the others; undefined for that function itself. */
export const firstFunction = (text: string): string | undefined => {
  const address = readPciAddress(text);
  return address === undefined || address.function === '0'
    ? undefined
    : `${address.domain}:${address.bus}:${address.slot}.0`;
};
