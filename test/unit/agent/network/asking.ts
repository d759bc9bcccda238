import { addressBytes, icmpv6Frame, macBytes, udpFrame } from '../../../../src/agent/network/packets.js';
import type { Lease } from '../../../../src/agent/network/lease.js';
import { GATEWAY_MAC, guestEnds } from '../../../../src/agent/network/guest-end.js';

/** What a guest sends when it asks about its network. */

export const GUEST_MAC = '02:11:22:33:44:55';
const NETWORKS = { network: '10.0.2.0/24', network6: 'fd10:0:2::/120' };
const wish = (handOver: boolean) => ({ ...NETWORKS, handOver, mac: GUEST_MAC, ports: [], queues: 1 });
const POD = { device: 'eth0', mtu: 1450, ipv4: '10.9.0.7', prefix: 24, router: '10.9.0.1', ipv6: 'fd99::2' };

export const LEASE: Lease = {
  mac: GUEST_MAC,
  gatewayMac: GATEWAY_MAC,
  mtu: 1450,
  hostname: 'web',
  ...guestEnds(wish(false), POD),
  dns: ['10.96.0.10', 'fd00::a'],
  search: ['ns.svc.cluster.local', 'svc.cluster.local'],
};

/** Of a guest that has the pod's own addresses. */
export const handedLease = (pod: Partial<typeof POD> = {}): Lease => ({
  ...LEASE,
  ...guestEnds(wish(true), { ...POD, ...pod }),
});

const fromMac = macBytes(GUEST_MAC);
const EVERYONE = Buffer.alloc(6, 255);

/** A message of a DHCP client: its type, then options by number. */
export const dhcpMessage = (
  type: number,
  options: Readonly<Record<number, Buffer>> = {},
  more: { flags?: number; ciaddr?: string; mac?: string } = {},
): Buffer => {
  const head = Buffer.alloc(236);
  head.set([1, 1, 6, 0, 0xde, 0xad, 0xbe, 0xef]);
  head.writeUInt16BE(more.flags ?? 0, 10);
  if (more.ciaddr !== undefined) addressBytes(more.ciaddr).copy(head, 12);
  macBytes(more.mac ?? GUEST_MAC).copy(head, 28);
  const all = Object.entries({ 53: Buffer.from([type]), ...options });
  const encoded = all.map(([code, value]) => Buffer.concat([Buffer.from([Number(code), value.length]), value]));
  return Buffer.concat([head, Buffer.from([99, 130, 83, 99]), ...encoded, Buffer.from([255])]);
};

export const dhcpFrame = (message: Buffer): Buffer =>
  udpFrame(
    { fromMac, toMac: EVERYONE, from: addressBytes('0.0.0.0'), to: addressBytes('255.255.255.255') },
    [68, 67],
    message,
  );

const linkLocal = addressBytes('fe80::11:22ff:fe33:4455');

/** A message of a DHCPv6 client. */
export const dhcpv6Message = (type: number, options: readonly (readonly [code: number, value: Buffer])[]): Buffer =>
  Buffer.concat([
    Buffer.from([type, 1, 2, 3]),
    ...options.map(([code, value]) => {
      const head = Buffer.alloc(4);
      head.writeUInt16BE(code, 0);
      head.writeUInt16BE(value.length, 2);
      return Buffer.concat([head, value]);
    }),
  ]);

export const dhcpv6Frame = (message: Buffer): Buffer =>
  udpFrame(
    { fromMac, toMac: macBytes('33:33:00:01:00:02'), from: linkLocal, to: addressBytes('ff02::1:2') },
    [546, 547],
    message,
  );

export const solicitationFrame = (): Buffer =>
  icmpv6Frame(
    { fromMac, toMac: macBytes('33:33:00:00:00:02'), from: linkLocal, to: addressBytes('ff02::2') },
    Buffer.from([133, 0, 0, 0, 0, 0, 0, 0]),
  );
