import { isSwitchedOn } from '../api/vmi/kubevirt-annotations.js';
import type { VirtualMachineInstance } from '../api/schema/kinds.js';
import type { DomainNotice } from './notice.js';
import { element, type XmlElement } from './xml.js';

/*
 * `kubevirt.io/placePCIDevicesOnRootComplex`: PCI devices sit on bus 0 itself, for guests that do not find what is
 * behind a port. Without it libvirt gives each device a port of its own. Source: docs/reference/domain.md §1.19.
 */

/** Slot 0 is the host bridge, 1 the display, 0x1b the place of a sound card, 0x1f QEMU's SATA and ISA. */
const SLOTS: readonly number[] = Array.from({ length: 0x1f - 2 }, (_, index) => index + 2).filter((s) => s !== 0x1b);
/** Kept for ports, eight to a slot, where there are more devices than slots. */
const SLOTS_OF_PORTS = 2;

/** A machine without PCI Express has one bus, so that its devices are on it anyway. */
const hasRootComplex = ({ spec }: VirtualMachineInstance): boolean => {
  const machine = spec.domain.machine?.type ?? '';
  return machine === '' || machine.includes('q35');
};

const asksFor = (vmi: VirtualMachineInstance): boolean =>
  hasRootComplex(vmi) && isSwitchedOn(vmi.metadata, 'kubevirt.io/placePCIDevicesOnRootComplex');

const childOf = ({ children }: XmlElement, name: string): XmlElement | undefined =>
  children.find((child): child is XmlElement => typeof child !== 'string' && child.name === name);

/** Whether a device takes a place on a PCI bus, by its element; in the order in which they get their slots. */
const ON_PCI: Readonly<Record<string, (device: XmlElement) => boolean>> = {
  interface: () => true,
  controller: ({ attributes: { type, model } }) => type !== 'pci' && model !== 'none',
  disk: (device) => childOf(device, 'target')?.attributes['bus'] === 'virtio',
  input: ({ attributes: { bus } }) => bus === 'virtio',
  watchdog: () => true,
  rng: () => true,
  memballoon: ({ attributes: { model } }) => model !== 'none',
};
const KINDS = Object.keys(ON_PCI);

const isOnPci = (device: XmlElement): boolean => ON_PCI[device.name]?.(device) === true;

const unplaced = (devices: readonly XmlElement[]): XmlElement[] =>
  KINDS.flatMap((kind) => devices.filter(({ name }) => name === kind)).filter(
    (device) => isOnPci(device) && childOf(device, 'address') === undefined,
  );

/** Of bus 0, without those that a device of the user's choice has. */
const freeSlots = (devices: readonly XmlElement[]): number[] => {
  const addresses = devices.map((device) => childOf(device, 'address')?.attributes ?? {});
  const taken = new Set(addresses.filter(({ bus }) => bus === '0x00').map(({ slot }) => Number(slot)));
  return SLOTS.filter((slot) => !taken.has(slot));
};

const hex = (slot: number): string => `0x${slot.toString(16).padStart(2, '0')}`;
const addressOf = (slot: number): XmlElement =>
  element('address', { type: 'pci', domain: '0x0000', bus: '0x00', slot: hex(slot), function: '0x0' });

/** The devices of a domain, each with its place on bus 0 where the VM asks for it and as far as there is room. */
export const placeOnRootComplex = (vmi: VirtualMachineInstance, devices: readonly XmlElement[]): XmlElement[] => {
  if (!asksFor(vmi)) return [...devices];
  const [free, waiting] = [freeSlots(devices), unplaced(devices)];
  const room = waiting.length > free.length ? free.slice(0, -SLOTS_OF_PORTS) : free;
  const places = new Map(waiting.slice(0, room.length).map((device, index) => [device, room[index] ?? 0]));
  return devices.map((device) => {
    const slot = places.get(device);
    return slot === undefined ? device : { ...device, children: [...device.children, addressOf(slot)] };
  });
};

/** What found no room on bus 0 although it was asked for. */
export const rootComplexNotices = (vmi: VirtualMachineInstance, devices: readonly XmlElement[]): DomainNotice[] => {
  if (!asksFor(vmi)) return [];
  const behindPorts = unplaced(placeOnRootComplex(vmi, devices)).length;
  if (behindPorts === 0) return [];
  const message = `kubevirt.io/placePCIDevicesOnRootComplex: bus 0 has no slots left for ${behindPorts} of the devices: they are behind ports`;
  return [{ reason: 'RootComplexFull', message }];
};
