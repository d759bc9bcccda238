import { addressNumber } from '../../api/vmi/guest-network.js';

/**
 * A datagram out of a frame. Everything of it is the guest's to choose but `sourceMac`, which the kernel has compared.
 */
export interface Datagram {
  readonly sourceMac: Buffer;
  readonly source: Buffer;
  readonly destination: Buffer;
  /** Of IPv4 (17: UDP) or the last of IPv6's headers (58: ICMPv6). */
  readonly protocol: number;
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** After UDP's header, or all of ICMPv6. */
  readonly data: Buffer;
}

const ETHER = 14;
const [TYPE_IPV4, TYPE_IPV6] = [0x0800, 0x86dd];
const IPV6 = 40;
const UDP = 8;
export const PROTOCOL = { udp: 17, icmpv6: 58 } as const;

/** The datagram in an Ethernet frame; undefined for anything else, cut off, in fragments, or with options of IPv6. */
export const readFrame = (frame: Buffer): Datagram | undefined => {
  if (frame.length < ETHER) return undefined;
  const sourceMac = frame.subarray(6, 12);
  const type = frame.readUInt16BE(12);
  const packet = frame.subarray(ETHER);
  if (type === TYPE_IPV4) return readIPv4(sourceMac, packet);
  return type === TYPE_IPV6 ? readIPv6(sourceMac, packet) : undefined;
};

const readIPv4 = (sourceMac: Buffer, packet: Buffer): Datagram | undefined => {
  if (packet.length < 20) return undefined;
  const header = (packet.readUInt8(0) & 15) * 4;
  const total = packet.readUInt16BE(2);
  const isFragment = (packet.readUInt16BE(6) & 0x3fff) !== 0;
  if (packet.readUInt8(0) >> 4 !== 4 || header < 20 || total > packet.length || total < header || isFragment)
    return undefined;
  const [source, destination] = [packet.subarray(12, 16), packet.subarray(16, 20)];
  return readPayload({ sourceMac, source, destination }, packet.readUInt8(9), packet.subarray(header, total));
};

const readIPv6 = (sourceMac: Buffer, packet: Buffer): Datagram | undefined => {
  if (packet.length < IPV6 || packet.readUInt8(0) >> 4 !== 6) return undefined;
  const length = packet.readUInt16BE(4);
  if (IPV6 + length > packet.length) return undefined;
  const [source, destination] = [packet.subarray(8, 24), packet.subarray(24, IPV6)];
  return readPayload({ sourceMac, source, destination }, packet.readUInt8(6), packet.subarray(IPV6, IPV6 + length));
};

const readPayload = (
  addresses: Pick<Datagram, 'sourceMac' | 'source' | 'destination'>,
  protocol: number,
  payload: Buffer,
): Datagram | undefined => {
  if (protocol === PROTOCOL.icmpv6) return { ...addresses, protocol, sourcePort: 0, destinationPort: 0, data: payload };
  if (protocol !== PROTOCOL.udp || payload.length < UDP) return undefined;
  const length = payload.readUInt16BE(4);
  if (length < UDP || length > payload.length) return undefined;
  const [sourcePort, destinationPort] = [payload.readUInt16BE(0), payload.readUInt16BE(2)];
  return { ...addresses, protocol, sourcePort, destinationPort, data: payload.subarray(UDP, length) };
};

/** RFC 1071. */
const checksum = (...parts: readonly Buffer[]): number => {
  let sum = 0;
  for (const part of parts) {
    for (let at = 0; at + 1 < part.length; at += 2) sum += part.readUInt16BE(at);
    if (part.length % 2 === 1) sum += part.readUInt8(part.length - 1) << 8;
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
};

export const macBytes = (mac: string): Buffer => Buffer.from(mac.replaceAll(':', ''), 'hex');
export const addressBytes = (address: string): Buffer =>
  Buffer.from(
    addressNumber(address)
      .toString(16)
      .padStart(address.includes(':') ? 32 : 8, '0'),
    'hex',
  );

/** The link-local address that is made of a MAC address (RFC 4291, appendix A). */
export const linkLocal = (mac: string): string => {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = macBytes(mac);
  const groups = [((a ^ 2) << 8) | b, (c << 8) | 0xff, 0xfe00 | d, (e << 8) | f];
  return `fe80::${groups.map((group) => group.toString(16)).join(':')}`;
};

interface Envelope {
  readonly fromMac: Buffer;
  readonly toMac: Buffer;
  readonly from: Buffer;
  readonly to: Buffer;
}

const ethernet = ({ toMac, fromMac }: Envelope, type: number, packet: readonly Buffer[]): Buffer => {
  const header = Buffer.alloc(ETHER);
  toMac.copy(header, 0);
  fromMac.copy(header, 6);
  header.writeUInt16BE(type, 12);
  return Buffer.concat([header, ...packet]);
};

const udp = (from: Buffer, to: Buffer, ports: readonly [from: number, to: number], data: Buffer): Buffer => {
  const datagram = Buffer.concat([Buffer.alloc(UDP), data]);
  datagram.writeUInt16BE(ports[0], 0);
  datagram.writeUInt16BE(ports[1], 2);
  datagram.writeUInt16BE(datagram.length, 4);
  // 0 would say that there is none.
  datagram.writeUInt16BE(checksum(pseudoHeader(from, to, PROTOCOL.udp, datagram.length), datagram) || 0xffff, 6);
  return datagram;
};

const pseudoHeader = (from: Buffer, to: Buffer, protocol: number, length: number): Buffer => {
  const rest = Buffer.alloc(8);
  rest.writeUInt32BE(length, 0);
  rest.writeUInt32BE(protocol, 4);
  return Buffer.concat([from, to, rest]);
};

const ipv6 = (envelope: Envelope, protocol: number, payload: Buffer): Buffer => {
  const header = Buffer.alloc(8);
  header.writeUInt32BE(0x6000_0000, 0);
  header.writeUInt16BE(payload.length, 4);
  header.writeUInt8(protocol, 6);
  // Neighbour discovery is refused with any other: it says that no router passed it on.
  header.writeUInt8(255, 7);
  return ethernet(envelope, TYPE_IPV6, [header, envelope.from, envelope.to, payload]);
};

/** A frame with a UDP datagram, of IPv4 or IPv6 by its addresses. */
export const udpFrame = (envelope: Envelope, ports: readonly [from: number, to: number], data: Buffer): Buffer => {
  const datagram = udp(envelope.from, envelope.to, ports, data);
  if (envelope.from.length === 16) return ipv6(envelope, PROTOCOL.udp, datagram);
  const header = Buffer.alloc(20);
  header.writeUInt8(0x45, 0);
  header.writeUInt16BE(header.length + datagram.length, 2);
  header.writeUInt8(64, 8);
  header.writeUInt8(PROTOCOL.udp, 9);
  envelope.from.copy(header, 12);
  envelope.to.copy(header, 16);
  header.writeUInt16BE(checksum(header), 10);
  return ethernet(envelope, TYPE_IPV4, [header, datagram]);
};

/** A frame with a message of ICMPv6, whose checksum is still 0. */
export const icmpv6Frame = (envelope: Envelope, message: Buffer): Buffer => {
  const whole = Buffer.from(message);
  whole.writeUInt16BE(checksum(pseudoHeader(envelope.from, envelope.to, PROTOCOL.icmpv6, whole.length), whole), 2);
  return ipv6(envelope, PROTOCOL.icmpv6, whole);
};

const VXLAN_HEADER = Buffer.from('0800000000000100', 'hex');

/** The frame in a datagram of the kernel's; undefined for what is none. */
export const unwrapFrame = (datagram: Buffer): Buffer | undefined =>
  datagram.subarray(0, VXLAN_HEADER.length).equals(VXLAN_HEADER) ? datagram.subarray(VXLAN_HEADER.length) : undefined;
export const wrapFrame = (frame: Buffer): Buffer => Buffer.concat([VXLAN_HEADER, frame]);
