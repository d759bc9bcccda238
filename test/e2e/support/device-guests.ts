import { imageName } from '../../../src/api/images.js';
import type { VirtualMachineInstance } from '../../../src/api/schema/kinds.js';
import { GuestShell } from './guest.js';
import { instance, tinySpec, untilPhase, type InstanceSpec } from './machines.js';

/** The tiny guest with the drivers of every bus: it shows what hangs on PCI and USB. */
export const DEVICES_IMAGE = { image: imageName('guest-disks', 'latest'), imagePullPolicy: 'Never' } as const;

/** PCI ids by what they are: QEMU's docs/specs/pci-ids.rst, “PCI Device Discovery” of the virtio specification. */
export const Pci = {
  usbController: '0x1b36 0x000d',
  watchdog: '0x8086 0x25ab',
  pvpanic: '0x1b36 0x0011',
  virtioInput: '0x1af4 0x1052',
  virtioNet: '0x1af4 0x1041',
  virtioBlock: '0x1af4 0x1042',
  oldVirtioNet: '0x1af4 0x1000',
  oldVirtioBlock: '0x1af4 0x1001',
  virtioVideo: '0x1af4 0x1050',
  sound: '0x8086 0x293e',
} as const;

/** What a VMI of that guest has: devices, more of its domain, more of its spec. */
export type DevicesOf = readonly [
  devices: Partial<InstanceSpec['domain']['devices']>,
  domain: Partial<InstanceSpec['domain']>,
  more?: Partial<InstanceSpec>,
];

export const deviceGuest = (
  namespace: string,
  name: string,
  ...[devices, domain, more = {}]: DevicesOf
): VirtualMachineInstance => {
  const spec = tinySpec({
    ...more,
    networks: more.networks ?? [{ name: 'default', pod: {} }],
    volumes: [{ name: 'root', containerDisk: DEVICES_IMAGE }, ...(more.volumes ?? [])],
  });
  spec.domain = { ...spec.domain, resources: { requests: { memory: '256Mi' } }, ...domain };
  spec.domain.devices = { ...spec.domain.devices, ...devices };
  return instance(namespace, name, spec);
};

/** Vendor and device of everything on PCI, by its address. */
export const pciOf = async (shell: GuestShell): Promise<ReadonlyMap<string, string>> => {
  const output = await shell.run('for d in /sys/bus/pci/devices/*; do echo ${d##*/} $(cat $d/vendor $d/device); done');
  return new Map(
    output.split('\n').map((line) => {
      const [address = '', ...ids] = line.trim().split(' ');
      return [address, ids.join(' ')];
    }),
  );
};

/** The shells that a suite has opened. */
export class OpenShells {
  private readonly open: GuestShell[] = [];

  constructor(private readonly namespace: string) {}

  /** A shell of a guest, once it runs. */
  async of(name: string): Promise<GuestShell> {
    await untilPhase(this.namespace, name, 'Running', 360);
    const shell = await GuestShell.open(this.namespace, name, 300);
    this.open.push(shell);
    return shell;
  }

  async close(): Promise<void> {
    await Promise.all(this.open.map((shell) => shell.close()));
  }
}
