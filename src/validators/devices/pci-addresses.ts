import { firstFunction, pciAddressProblem, readPciAddress, type PciKind } from '../../api/pci-address.js';
import { cardPciKind, virtioPciKind } from '../../api/vmi/pci-kind.js';
import { duplicate, invalid, NOTHING } from '../rule/finding.js';
import { earlierTwins } from '../rule/earlier-duplicates.js';
import { instanceRule } from '../rule/rule.js';
import type { InstanceSubject } from '../rule/subject.js';
import { show } from '../rule/wording.js';

/*
 * Where devices lie on PCI. The reference looks at the form alone; libvirt refuses the rest when the VM starts. That
 * can be seen in the manifest: the layout of q35 is known.
 */

interface Addressed {
  /** Below the spec. */
  readonly field: string;
  readonly address: string;
  readonly kind: PciKind;
}

const addressed = ({ spec }: InstanceSubject): readonly Addressed[] => {
  const { disks, interfaces } = spec.domain.devices;
  const found: Addressed[] = [];
  disks?.forEach(({ disk }, index) => {
    // On another bus it has none at all: disk.pci-bus.
    if (disk?.pciAddress && disk.bus === 'virtio')
      found.push({
        field: `domain.devices.disks[${index}].disk.pciAddress`,
        address: disk.pciAddress,
        kind: virtioPciKind(spec.domain),
      });
  });
  interfaces?.forEach((card, index) => {
    if (card.pciAddress && card.state !== 'absent')
      found.push({
        field: `domain.devices.interfaces[${index}].pciAddress`,
        address: card.pciAddress,
        kind: cardPciKind(spec.domain, card),
      });
  });
  return found;
};

const isX86 = ({ spec: { architecture } }: InstanceSubject): boolean => !architecture || architecture === 'amd64';

/** QEMU takes it, and the guest never finds the device. */
const functionProblem = (address: string, taken: ReadonlySet<string>): string | undefined => {
  const first = firstFunction(address);
  return first === undefined || taken.has(first)
    ? undefined
    : `${show(address)}: a guest finds this function only beside function 0 of the slot, which no device has: write ${show(first)}`;
};

export const pciAddressRules = [
  instanceRule({
    id: 'pci.place',
    field: '$.domain.devices.{disks[].disk,interfaces[]}.pciAddress',
    source: 'none: libvirt would refuse it',
    summary: 'a PCI address at which the machine has no place for a device',
    check: (subject) => {
      if (!isX86(subject)) return NOTHING;
      const devices = addressed(subject);
      if (devices.length === 0) return NOTHING;
      const taken = new Set(devices.map(({ address }) => address.toLowerCase()));
      return devices.flatMap(({ field, address, kind }) => {
        // What is no address is refused by disk.pci-format and if.pci.
        if (readPciAddress(address) === undefined) return [];
        const problem = pciAddressProblem(address, kind) ?? functionProblem(address, taken);
        return problem === undefined ? [] : [invalid(`${subject.path}.${field}`, problem)];
      });
    },
  }),
  instanceRule({
    id: 'pci.twice',
    field: '$.domain.devices.{disks[].disk,interfaces[]}.pciAddress',
    source: 'none: libvirt would refuse it',
    summary: 'a PCI address that two devices have',
    check: (subject) => {
      const devices = addressed(subject);
      if (devices.length < 2) return NOTHING;
      const twins = earlierTwins(devices, ({ address }) => address.toLowerCase());
      return devices.flatMap(({ field, address }, index) => {
        const first = devices[twins[index] ?? -1];
        return first === undefined
          ? []
          : [
              duplicate(
                `${subject.path}.${field}`,
                `${show(address)} is the address of ${first.field} too: write another`,
              ),
            ];
      });
    },
  }),
];
