import { namedByAlias } from '../../api/vmi/device-alias.js';
import { readXml, type Attributes } from './xml-reader.js';

/** The few facts of a live domain's XML that a VMI's status needs. */
export interface DomainXml {
  /** uid of the VMI the domain was made for; undefined for a domain that is not ours. */
  readonly vmiUid?: string;
  readonly machine?: string;
  /** The guest's CPU is emulated: the domain's type is `qemu`, not `kvm`. */
  readonly emulated: boolean;
  /** KiB that the guest has now. */
  readonly currentMemoryKiB?: bigint;
  /** Names as in the VMI (libvirt's alias without its `ua-`). */
  readonly disks: readonly { readonly name: string; readonly target: string }[];
  readonly interfaces: readonly DomainInterface[];
  /** The guest agent has its end of the channel open. */
  readonly guestAgentConnected: boolean;
}

export interface DomainInterface {
  readonly name: string;
  readonly mac?: string;
  /** The device in the pod that carries it; absent where a program does (passt). */
  readonly device?: string;
  readonly queues?: number;
  readonly linkDown?: boolean;
}

const GUEST_AGENT_CHANNEL = 'org.qemu.guest_agent.0';

/** KiB of any memory there is. */
const AMOUNT = /^\d{1,15}$/;
/*
 * All of this is written to a VMI's status, and an attacker who broke out of QEMU may answer in libvirtd's place: what
 * is not of the form that libvirt gives it is left out, so that it is neither long nor anything but what it should be.
 */
const UID = /^[\w-]{1,64}$/;
const MACHINE = /^[\w.-]{1,64}$/;
/** Names of volumes and interfaces, as admission lets them through. */
const NAME = /^[\w.-]{1,128}$/;
/** `vda`, `sdaa`, `nvme0n1`. */
const TARGET = /^[a-z][a-z0-9]{0,15}$/;
const MAC = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i;
/** Linux's names of network devices, without what a terminal or a path would take otherwise. */
const DEVICE = /^[\w.-]{1,15}$/;
/** Queues of a network card: the kernel gives a tap 256 at most. */
const QUEUES = /^\d{1,3}$/;
/** Disks, interfaces and channels together: a machine of QEMU's takes some 250 PCI devices. */
const MAX_DEVICES = 512;

interface Device {
  readonly kind: string;
  /** Attributes of the child elements, by element name. */
  readonly children: Record<string, Attributes>;
}

const matching = (pattern: RegExp, value: string | undefined): string | undefined =>
  value !== undefined && pattern.test(value) ? value : undefined;

/** Collects what is needed while the reader walks the document; the rest is skipped. */
class Collector {
  emulated = false;
  vmiUid: string | undefined;
  machine: string | undefined;
  memory: string | undefined;
  readonly devices: Device[] = [];
  private readonly path: string[] = [];
  private device: Device | undefined;

  open(name: string, attributes: () => Attributes): void {
    const depth = this.path.push(name);
    if (depth === 1) this.emulated = attributes().type === 'qemu';
    else if (this.isAt('domain', 'os', 'type')) this.machine = matching(MACHINE, attributes().machine);
    else if (depth === 3 && this.path[1] === 'devices' && DEVICES.has(name)) this.device = { kind: name, children: {} };
    else if (depth === 4 && this.device && PARTS.has(name)) this.device.children[name] ??= attributes();
  }

  text(text: string): void {
    if (this.isAt('domain', 'currentMemory')) this.memory = matching(AMOUNT, text.trim());
    else if (this.isAt('domain', 'metadata', 'kubevirt', 'uid')) this.vmiUid = matching(UID, text.trim());
  }

  close(): void {
    if (this.path.length === 3 && this.device) {
      if (this.devices.push(this.device) > MAX_DEVICES)
        throw new Error(`the domain's XML has more than ${MAX_DEVICES} devices`);
      this.device = undefined;
    }
    this.path.pop();
  }

  private isAt(...path: readonly string[]): boolean {
    return this.path.length === path.length && path.every((name, index) => this.path[index] === name);
  }
}

/** The devices that a status reports, and the elements that they are read from. */
const DEVICES: ReadonlySet<string> = new Set(['disk', 'interface', 'channel']);
const PARTS: ReadonlySet<string> = new Set(['alias', 'target', 'mac', 'driver', 'link']);

/** Reads a domain's XML as libvirt prints it. @throws Error when it is not XML, or larger than libvirt's ever is */
export const parseDomainXml = (xml: string): DomainXml => {
  const collector = new Collector();
  readXml(xml, collector);
  return factsOf(collector);
};

const factsOf = ({ vmiUid, machine, emulated, memory, devices }: Collector): DomainXml => ({
  vmiUid,
  machine,
  emulated,
  currentMemoryKiB: memory === undefined ? undefined : BigInt(memory),
  disks: devices.flatMap(({ kind, children }) => {
    const name = userAlias(children, 'disk');
    return kind === 'disk' && name !== undefined
      ? [{ name, target: matching(TARGET, children.target?.dev) ?? '' }]
      : [];
  }),
  interfaces: devices.flatMap(({ kind, children }) => (kind === 'interface' ? interfaceOf(children) : [])),
  guestAgentConnected: devices.some(
    ({ kind, children }) =>
      kind === 'channel' && children.target?.name === GUEST_AGENT_CHANNEL && children.target.state === 'connected',
  ),
});

const interfaceOf = (children: Record<string, Attributes>): DomainInterface[] => {
  const name = userAlias(children, 'interface');
  if (name === undefined) return [];
  const queues = matching(QUEUES, children.driver?.queues);
  const device = matching(DEVICE, children.target?.dev);
  return [
    {
      name,
      mac: matching(MAC, children.mac?.address),
      ...(device === undefined ? {} : { device }),
      ...(queues === undefined ? {} : { queues: Number(queues) }),
      ...(children.link?.state === 'down' ? { linkDown: true } : {}),
    },
  ];
};

const userAlias = (children: Record<string, Attributes>, kind: 'disk' | 'interface'): string | undefined =>
  matching(NAME, namedByAlias(children.alias?.name, kind));
