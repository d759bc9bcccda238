import { SaxesParser } from 'saxes';

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
  readonly queues?: number;
  readonly linkDown?: boolean;
}

/** libvirt reserves this prefix for aliases that users choose. */
const USER_ALIAS = 'ua-';
const GUEST_AGENT_CHANNEL = 'org.qemu.guest_agent.0';

/*
 * Whoever breaks out of QEMU has the uid of the pod's libvirtd and may answer in its place. libvirt prints some 10 KiB, a
 * dozen elements deep.
 */
const MAX_LENGTH = 512 * 1024;
const MAX_DEPTH = 64;
/** KiB of any memory there is. */
const AMOUNT = /^\d{1,15}$/;

type Attributes = Readonly<Record<string, string>>;
interface Device {
  readonly kind: string;
  /** Attributes of the child elements, by element name. */
  readonly children: Record<string, Attributes>;
}

/** Collects `path → text` and devices while the parser goes through the document. */
class Collector {
  readonly texts = new Map<string, string>();
  readonly attributes = new Map<string, Attributes>();
  readonly devices: Device[] = [];
  private readonly path: string[] = [];
  private device: Device | undefined;

  open(name: string, attributes: Attributes): void {
    this.path.push(name);
    const depth = this.path.length;
    if (depth > MAX_DEPTH) throw new Error(`the domain's XML is nested deeper than ${MAX_DEPTH} elements`);
    if (depth === 3 && this.path[1] === 'devices') this.device = { kind: name, children: {} };
    else if (depth === 4 && this.device) this.device.children[name] ??= attributes;
    this.attributes.set(this.path.join('/'), attributes);
  }

  text(text: string): void {
    if (text.trim() !== '') this.texts.set(this.path.join('/'), text.trim());
  }

  close(): void {
    if (this.path.length === 3 && this.device) {
      this.devices.push(this.device);
      this.device = undefined;
    }
    this.path.pop();
  }
}

/** Reads a domain's XML as libvirt prints it. @throws Error when it is not XML, or larger than libvirt's ever is */
export const parseDomainXml = (xml: string): DomainXml => {
  if (xml.length > MAX_LENGTH) throw new Error(`the domain's XML has more than ${MAX_LENGTH} characters`);
  const collector = new Collector();
  const parser = new SaxesParser();
  parser.on('opentag', ({ name, attributes }) => collector.open(name, attributes));
  parser.on('text', (text) => collector.text(text));
  parser.on('closetag', () => collector.close());
  parser.on('error', (error) => {
    throw error;
  });
  parser.write(xml).close();
  return factsOf(collector);
};

const factsOf = ({ texts, attributes, devices }: Collector): DomainXml => {
  const memory = texts.get('domain/currentMemory');
  return {
    vmiUid: texts.get('domain/metadata/kubevirt/uid'),
    machine: attributes.get('domain/os/type')?.machine,
    emulated: attributes.get('domain')?.type === 'qemu',
    currentMemoryKiB: memory !== undefined && AMOUNT.test(memory) ? BigInt(memory) : undefined,
    disks: devices.flatMap(({ kind, children }) => {
      const name = userAlias(children);
      return kind === 'disk' && name !== undefined ? [{ name, target: children.target?.dev ?? '' }] : [];
    }),
    interfaces: devices.flatMap(({ kind, children }) => (kind === 'interface' ? interfaceOf(children) : [])),
    guestAgentConnected: devices.some(
      ({ kind, children }) =>
        kind === 'channel' && children.target?.name === GUEST_AGENT_CHANNEL && children.target.state === 'connected',
    ),
  };
};

const interfaceOf = (children: Record<string, Attributes>): DomainInterface[] => {
  const name = userAlias(children);
  if (name === undefined) return [];
  const queues = children.driver?.queues;
  return [
    {
      name,
      mac: children.mac?.address,
      ...(queues === undefined ? {} : { queues: Number(queues) }),
      ...(children.link?.state === 'down' ? { linkDown: true } : {}),
    },
  ];
};

const userAlias = (children: Record<string, Attributes>): string | undefined => {
  const name = children.alias?.name;
  return name?.startsWith(USER_ALIAS) ? name.slice(USER_ALIAS.length) : undefined;
};
