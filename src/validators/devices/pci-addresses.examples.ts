import { D, DEV, type ExampleTable, iface } from '../rule/examples.js';

const at = (pciAddress: string) => ({ [`${D}.disk`]: { bus: 'virtio', pciAddress } });
const second = `${DEV}.disks[1].disk`;

export const pciAddressExamples: ExampleTable = {
  'pci.place': {
    why: 'Of the machine type q35: bus 00 has the slots 01 to 1e, every other bus one slot, 00. A device of conventional PCI (with useVirtioTransitional, or a card such as e1000) has a known place on bus 00 only.',
    accepts: [
      at('0000:81:00.0'),
      at('0000:00:10.0'),
      iface({ pciAddress: '0000:00:1E.0' }),
      { ...at('0000:00:10.0'), ...iface({ pciAddress: '0000:00:10.1' }) },
      { ...at('0000:00:10.0'), [`${DEV}.useVirtioTransitional`]: true },
      iface({ pciAddress: '0000:81:00.0', model: 'e1000e' }),
    ],
    refuses: [
      [at('0000:81:01.0'), `${D}.disk.pciAddress`],
      [at('0000:00:1f.0'), `${D}.disk.pciAddress`],
      [at('0000:00:00.0'), `${D}.disk.pciAddress`],
      [at('0000:00:20.0'), `${D}.disk.pciAddress`],
      [at('0001:00:10.0'), `${D}.disk.pciAddress`],
      [at('0000:00:10.1'), `${D}.disk.pciAddress`],
      [at('0000:ff:00.0'), `${D}.disk.pciAddress`],
      [iface({ pciAddress: '0000:01:02.0' }), `${DEV}.interfaces[0].pciAddress`],
      [iface({ pciAddress: '0000:81:00.0', model: 'e1000' }), `${DEV}.interfaces[0].pciAddress`],
      [{ ...at('0000:08:00.0'), [`${DEV}.useVirtioTransitional`]: true }, `${D}.disk.pciAddress`],
    ],
  },
  'pci.twice': {
    accepts: [{ ...at('0000:00:10.0'), [second]: { bus: 'virtio', pciAddress: '0000:00:11.0' } }],
    refuses: [
      [{ ...at('0000:00:1a.0'), [second]: { bus: 'virtio', pciAddress: '0000:00:1A.0' } }, `${second}.pciAddress`],
      [{ ...at('0000:05:00.0'), ...iface({ pciAddress: '0000:05:00.0' }) }, `${DEV}.interfaces[0].pciAddress`],
    ],
  },
};
