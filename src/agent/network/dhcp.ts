import { isIPv4 } from 'node:net';
import { addressNumber } from '../../api/vmi/guest-network.js';
import type { GuestEnd } from './guest-end.js';
import type { Lease } from './lease.js';
import { chosenOptions, nextServer, option } from './dhcp-options.js';
import { encodeDomains, isDomainName } from './lease.js';
import { addressBytes, macBytes } from './packets.js';

/** RFC 2131 and 2132. */
export const DHCP_PORTS = { server: 67, client: 68 } as const;
const MESSAGE = { discover: 1, offer: 2, request: 3, ack: 5, nak: 6, inform: 8 } as const;
const OPTION = {
  mask: 1,
  router: 3,
  dns: 6,
  hostName: 12,
  domain: 15,
  mtu: 26,
  requestedAddress: 50,
  leaseTime: 51,
  messageType: 53,
  server: 54,
  maxSize: 57,
  clientId: 61,
  search: 119,
  routes: 121,
} as const;
const [PAD, END] = [0, 255];
const FIXED = 236;
const COOKIE = Buffer.from([99, 130, 83, 99]);
/** For ever: the address is the guest's as long as its pod is there, and the agent may be away. */
const FOREVER = Buffer.from([255, 255, 255, 255]);
/** What every client takes; an answer that would be longer loses the domains. */
const MIN_MAX_SIZE = 576;
/** IP and UDP. */
const HEADERS = 28;

interface Question {
  readonly transaction: Buffer;
  readonly flags: number;
  readonly clientAddress: Buffer;
  readonly hardware: Buffer;
  readonly options: ReadonlyMap<number, Buffer>;
}

/** The options of a message; undefined when one is cut off. */
const readOptions = (data: Buffer): Map<number, Buffer> | undefined => {
  const found = new Map<number, Buffer>();
  let at = 0;
  while (at < data.length) {
    const code = data.readUInt8(at);
    if (code === END) return found;
    if (code === PAD) {
      at += 1;
      continue;
    }
    if (at + 1 >= data.length) return undefined;
    const length = data.readUInt8(at + 1);
    if (at + 2 + length > data.length) return undefined;
    // The first counts: a second is a continuation that no option which is read here needs.
    if (!found.has(code)) found.set(code, data.subarray(at + 2, at + 2 + length));
    at += 2 + length;
  }
  return found;
};

const readQuestion = (message: Buffer, mac: string): Question | undefined => {
  const [REQUEST, ETHERNET, LENGTH] = [1, 1, 6];
  if (message.length < FIXED + COOKIE.length) return undefined;
  const [op, type, length] = [message.readUInt8(0), message.readUInt8(1), message.readUInt8(2)];
  if (op !== REQUEST || type !== ETHERNET || length !== LENGTH) return undefined;
  if (!message.subarray(FIXED, FIXED + COOKIE.length).equals(COOKIE)) return undefined;
  if (!message.subarray(28, 34).equals(macBytes(mac))) return undefined;
  const options = readOptions(message.subarray(FIXED + COOKIE.length));
  if (options === undefined) return undefined;
  return {
    transaction: message.subarray(4, 8),
    flags: message.readUInt16BE(10),
    clientAddress: message.subarray(12, 16),
    hardware: message.subarray(28, 44),
    options,
  };
};

const uint16 = (value: number): Buffer => Buffer.from([value >> 8, value & 255]);

const netmask = (prefix: number): Buffer => {
  const mask = Buffer.alloc(4);
  mask.writeUInt32BE(prefix === 0 ? 0 : (0xffff_ffff << (32 - prefix)) >>> 0);
  return mask;
};

const routeBytes = (to: string, via: Buffer): Buffer => {
  const [address = '', length = '32'] = to.split('/');
  const prefix = Number(length);
  return Buffer.concat([Buffer.from([prefix]), addressBytes(address).subarray(0, Math.ceil(prefix / 8)), via]);
};

/**
 * Where a network leads by other routers, and a router that is in no network of the guest's, such as one of a pod with
 * a /32: where it is, and that all goes there (RFC 3442). Who reads this ignores the option `router`.
 */
const routes = ({ guest, prefix, router, routes: others = [] }: GuestEnd): Buffer[] => {
  const host = BigInt(32 - prefix);
  const outside = router !== undefined && addressNumber(guest) >> host !== addressNumber(router) >> host;
  if (!outside && others.length === 0) return [];
  const onWire = outside ? [routeBytes(`${router}/32`, Buffer.alloc(4))] : [];
  const everything = router === undefined ? [] : [routeBytes('0.0.0.0/0', addressBytes(router))];
  const rest = others.map(({ to, via }) => routeBytes(to, addressBytes(via)));
  return option(OPTION.routes, Buffer.concat([...onWire, ...everything, ...rest]));
};

const settings = (lease: Lease, end: GuestEnd): Buffer[] => [
  ...option(OPTION.mask, netmask(end.prefix)),
  ...routes(end),
  ...(end.router === undefined ? [] : option(OPTION.router, addressBytes(end.router))),
  ...option(OPTION.dns, Buffer.concat(lease.dns.filter((server) => isIPv4(server)).map(addressBytes))),
  ...option(OPTION.mtu, uint16(lease.mtu)),
  ...(isDomainName(lease.hostname) ? option(OPTION.hostName, Buffer.from(lease.hostname, 'latin1')) : []),
];

const domains = ({ search: [first, ...rest] }: Lease): Buffer[] =>
  first === undefined
    ? []
    : [
        ...option(OPTION.domain, Buffer.from(first, 'latin1')),
        ...option(OPTION.search, encodeDomains([first, ...rest])),
      ];

/** The answer to a client, and where it goes. */
export interface DhcpAnswer {
  readonly message: Buffer;
  /** To every station: the client asked for it, or is told that its address is wrong. */
  readonly broadcast: boolean;
  readonly to: Buffer;
}

/** Answers a DHCP client of IPv4; undefined for what needs no answer. Pure. */
export const answerDhcp = (message: Buffer, lease: Lease): DhcpAnswer | undefined => {
  const question = lease.ipv4 === undefined ? undefined : readQuestion(message, lease.mac);
  if (question === undefined || lease.ipv4 === undefined) return undefined;
  const { gateway, guest } = lease.ipv4;
  const [address, server] = [addressBytes(guest), addressBytes(gateway)];
  const kind = replyKind(question, address, server);
  if (kind === undefined) return undefined;
  const head = Buffer.alloc(FIXED);
  head.set([2, 1, 6, 0], 0);
  question.transaction.copy(head, 4);
  head.writeUInt16BE(question.flags, 10);
  if (kind !== MESSAGE.nak) question.clientAddress.copy(head, 12);
  const gives = kind !== MESSAGE.nak && question.options.get(OPTION.messageType)?.[0] !== MESSAGE.inform;
  if (gives) address.copy(head, 16);
  if (kind !== MESSAGE.nak) nextServer(lease.options)?.copy(head, 20);
  question.hardware.copy(head, 28);
  const clientId = question.options.get(OPTION.clientId);
  const start = Buffer.concat([
    head,
    COOKIE,
    ...option(OPTION.messageType, Buffer.from([kind])),
    ...option(OPTION.server, server),
    // RFC 6842.
    ...(clientId === undefined ? [] : option(OPTION.clientId, clientId)),
    ...(gives ? option(OPTION.leaseTime, FOREVER) : []),
    ...(kind === MESSAGE.nak ? [] : [...settings(lease, lease.ipv4), ...chosenOptions(lease.options)]),
  ]);
  const names = Buffer.concat(kind === MESSAGE.nak ? [] : domains(lease));
  const asked = question.options.get(OPTION.maxSize);
  const room = Math.max(asked?.length === 2 ? asked.readUInt16BE(0) : 0, MIN_MAX_SIZE) - HEADERS;
  const broadcast = kind === MESSAGE.nak || (question.flags & 0x8000) !== 0;
  const known = question.clientAddress.some((byte) => byte !== 0);
  return {
    message: Buffer.concat([start, start.length + names.length < room ? names : Buffer.alloc(0), Buffer.from([END])]),
    broadcast,
    to: broadcast ? Buffer.from([255, 255, 255, 255]) : known ? question.clientAddress : address,
  };
};

const replyKind = ({ options, clientAddress }: Question, address: Buffer, server: Buffer): number | undefined => {
  switch (options.get(OPTION.messageType)?.[0]) {
    case MESSAGE.discover:
      return MESSAGE.offer;
    case MESSAGE.inform:
      return MESSAGE.ack;
    case MESSAGE.request: {
      const chosen = options.get(OPTION.server);
      if (chosen !== undefined && !chosen.equals(server)) return undefined;
      return (options.get(OPTION.requestedAddress) ?? clientAddress).equals(address) ? MESSAGE.ack : MESSAGE.nak;
    }
    default:
      return undefined;
  }
};
