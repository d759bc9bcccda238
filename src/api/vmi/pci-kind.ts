import type { PciKind } from '../pci-address.js';
import type { Interface } from '../schema/networks.js';
import type { DomainSpec } from '../schema/virtualmachineinstance.js';

/** Models of cards that QEMU has for conventional PCI only. */
const CONVENTIONAL_CARDS: ReadonlySet<string> = new Set(['e1000', 'ne2k_pci', 'pcnet', 'rtl8139']);

/** Devices that old guests know too are conventional ones. */
export const virtioPciKind = ({ devices }: DomainSpec): PciKind =>
  devices.useVirtioTransitional === true ? 'conventional' : 'express';

export const cardPciKind = (domain: DomainSpec, { model }: Interface): PciKind => {
  if (!model || model === 'virtio') return virtioPciKind(domain);
  return CONVENTIONAL_CARDS.has(model) ? 'conventional' : 'express';
};
