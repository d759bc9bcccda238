import { isIPv6 } from 'node:net';
import { encodeDomains, type Lease } from './lease.js';
import { addressBytes, macBytes } from './packets.js';
import { GATEWAY_MAC } from './guest-end.js';

/** RFC 8415. */
export const DHCPV6_PORTS = { server: 547, client: 546 } as const;
const MESSAGE = {
  solicit: 1,
  advertise: 2,
  request: 3,
  confirm: 4,
  renew: 5,
  rebind: 6,
  reply: 7,
  release: 8,
  decline: 9,
  informationRequest: 11,
} as const;
const OPTION = {
  clientId: 1,
  serverId: 2,
  iaNa: 3,
  iaAddress: 5,
  statusCode: 13,
  rapidCommit: 14,
  dns: 23,
  domains: 24,
} as const;
/** A client's identity is at most 130 bytes (RFC 8415, section 11.1). */
const MAX_DUID = 130;
const FOREVER = 0xffff_ffff;

const option = (code: number, ...value: readonly Buffer[]): Buffer => {
  const data = Buffer.concat(value);
  const head = Buffer.alloc(4);
  head.writeUInt16BE(code, 0);
  head.writeUInt16BE(data.length, 2);
  return Buffer.concat([head, data]);
};

const readOptions = (data: Buffer): Map<number, Buffer> | undefined => {
  const found = new Map<number, Buffer>();
  let at = 0;
  while (at < data.length) {
    if (at + 4 > data.length) return undefined;
    const [code, length] = [data.readUInt16BE(at), data.readUInt16BE(at + 2)];
    if (at + 4 + length > data.length) return undefined;
    if (!found.has(code)) found.set(code, data.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return found;
};

/** DUID-LL of the gateway. */
const SERVER_ID = Buffer.concat([Buffer.from([0, 3, 0, 1]), macBytes(GATEWAY_MAC)]);

const identityAssociation = (asked: Buffer, guest: string): Buffer => {
  const times = Buffer.alloc(8, 0xff);
  const lifetimes = Buffer.alloc(8);
  lifetimes.writeUInt32BE(FOREVER, 0);
  lifetimes.writeUInt32BE(FOREVER, 4);
  return option(OPTION.iaNa, asked.subarray(0, 4), times, option(OPTION.iaAddress, addressBytes(guest), lifetimes));
};

const names = ({ dns, search }: Lease): Buffer[] => {
  const servers = dns.filter((server) => isIPv6(server) && !server.includes('%')).map(addressBytes);
  const domains = encodeDomains(search);
  return [
    ...(servers.length === 0 ? [] : [option(OPTION.dns, ...servers)]),
    ...(domains.length === 0 ? [] : [option(OPTION.domains, domains)]),
  ];
};

const replyKind = (kind: number, rapid: boolean): number | undefined => {
  const { solicit, advertise, reply, request, confirm, renew, rebind, release, decline, informationRequest } = MESSAGE;
  if (kind === solicit) return rapid ? reply : advertise;
  return [request, confirm, renew, rebind, release, decline, informationRequest].some((one) => one === kind)
    ? reply
    : undefined;
};

/** Answers a DHCP client of IPv6; undefined for what needs no answer. Pure. */
export const answerDhcpv6 = (message: Buffer, lease: Lease): Buffer | undefined => {
  if (lease.ipv6 === undefined || message.length < 4) return undefined;
  const options = readOptions(message.subarray(4));
  const kind = message.readUInt8(0);
  const client = options?.get(OPTION.clientId);
  const forUs = options?.get(OPTION.serverId)?.equals(SERVER_ID) !== false;
  const rapid = options?.has(OPTION.rapidCommit) === true && kind === MESSAGE.solicit;
  const answer = replyKind(kind, rapid);
  if (options === undefined || answer === undefined || !forUs || (client?.length ?? 0) > MAX_DUID) return undefined;
  if (client === undefined && kind !== MESSAGE.informationRequest) return undefined;
  const asked = options.get(OPTION.iaNa);
  const ends = kind === MESSAGE.release || kind === MESSAGE.decline || kind === MESSAGE.confirm;
  return Buffer.concat([
    Buffer.from([answer]),
    message.subarray(1, 4),
    ...(client === undefined ? [] : [option(OPTION.clientId, client)]),
    option(OPTION.serverId, SERVER_ID),
    ...(ends ? [option(OPTION.statusCode, Buffer.from([0, 0]))] : []),
    ...(rapid ? [option(OPTION.rapidCommit)] : []),
    ...(ends || asked === undefined || asked.length < 12 ? [] : [identityAssociation(asked, lease.ipv6.guest)]),
    ...names(lease),
  ]);
};

/** RFC 4861, sections 4.1 and 4.2. */
const ROUTER = { solicitation: 133, advertisement: 134 } as const;
const ADVERTISED = { sourceMac: 1, mtu: 5, dns: 25 } as const;
/** Managed addresses and other settings: by DHCPv6. */
const BY_DHCP = 0xc0;
/** Seconds, the longest there is (RFC 8319): the agent may be away. */
const LIFETIME = 65_535;

export const isRouterSolicitation = (message: Buffer): boolean =>
  message.length >= 8 && message.readUInt8(0) === ROUTER.solicitation && message.readUInt8(1) === 0;

/** What a router says of itself, without checksum; undefined where the pod has no IPv6. */
export const routerAdvertisement = (lease: Lease): Buffer | undefined => {
  if (lease.ipv6 === undefined) return undefined;
  const head = Buffer.alloc(16);
  head.set([ROUTER.advertisement, 0, 0, 0, 64, BY_DHCP]);
  head.writeUInt16BE(LIFETIME, 6);
  const mtu = Buffer.alloc(8);
  mtu.set([ADVERTISED.mtu, 1]);
  mtu.writeUInt32BE(lease.mtu, 4);
  const servers = lease.dns.filter((server) => isIPv6(server) && !server.includes('%')).map(addressBytes);
  const dns = Buffer.alloc(servers.length === 0 ? 0 : 8);
  if (servers.length > 0) {
    dns.set([ADVERTISED.dns, 1 + 2 * servers.length]);
    dns.writeUInt32BE(FOREVER, 4);
  }
  return Buffer.concat([head, Buffer.from([ADVERTISED.sourceMac, 1]), macBytes(GATEWAY_MAC), mtu, dns, ...servers]);
};
