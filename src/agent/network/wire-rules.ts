import { wireNames } from '../../api/vmi/attached-networks.js';
import { wireEnd, wireGatewayMac, type GuestEnd } from './guest-end.js';
import { addressBytes } from './packets.js';
import { ASK_LIMIT, chain } from './rule-text.js';
import { cardMac } from './wire-links.js';
import { ASKING, type WireFacts } from './wish.js';

/** Where no other station is to see what a bridge says to its neighbours: a guest would be one of them. */
const TO_BRIDGES = 'ether daddr & ff:ff:ff:ff:ff:f0 == 01:80:c2:00:00:00 drop';

const arpOf = (mac: string): string => `ether type arp arp saddr ether != ${mac} drop`;

/** The agent answers for the network, so the guest asks nobody else. */
const asking = (end: GuestEnd | undefined, answered: boolean): string[] =>
  end !== undefined && answered
    ? [
        `ether type ip ip daddr { 255.255.255.255, ${end.gateway} } udp dport 67 ${ASK_LIMIT} fwd to "${ASKING}"`,
        'ether type ip udp dport 67 ip daddr 255.255.255.255 drop',
      ]
    : [
        // A client that has no address yet.
        'ether type ip ip saddr 0.0.0.0 udp sport 68 udp dport 67 accept',
      ];

/**
 * What a guest may send on a network that gave its pod addresses: what is from those, as a pod would, and nothing by
 * which it would pass for a server or a router.
 */
const asAPod = (wire: WireFacts, index: number): string[] => {
  const { ipv6 } = wire.notes;
  const end = wireEnd(wire, index);
  const own6 = ipv6 === undefined ? [] : [ipv6];
  return [
    ...asking(end, wire.wish.dhcp !== undefined),
    'ether type ip udp sport 67 drop',
    ...(end === undefined
      ? []
      : [
          `ether type ip ip saddr ${end.guest} accept`,
          `ether type arp arp saddr ip { 0.0.0.0, ${end.guest} } limit rate 100/second burst 200 packets accept`,
        ]),
    'ether type ip6 icmpv6 type { nd-router-advert, nd-redirect } drop',
    'ether type ip6 udp sport 547 drop',
    // Whose address it says it is: the bytes behind the header of the message.
    `ether type ip6 icmpv6 type nd-neighbor-advert @th,64,16 != 0xfe80 ${
      ipv6 === undefined ? '' : `@th,64,128 != ${hexadecimal(ipv6)} `
    }drop`,
    `ether type ip6 ip6 saddr { ${[...own6, 'fe80::/64'].join(', ')} } accept`,
    'ether type ip6 ip6 saddr :: icmpv6 type { nd-neighbor-solicit, nd-router-solicit, mld2-listener-report } accept',
  ];
};

const hexadecimal = (address: string): string => `0x${addressBytes(address).toString('hex')}`;

/** Chains of the table at the devices: what may come from the guest, and that nothing of the wire is the pod's. */
export const wireChains = (wire: WireFacts, index: number): string[] => {
  const { tap, bridge } = wireNames(wire.wish.device);
  const mac = cardMac(wire);
  const { ipv4, ipv6 } = wire.notes;
  const pinned = ipv4 !== undefined || ipv6 !== undefined;
  return [
    chain(`wire_${index}`, `filter hook ingress device "${tap}" priority -500; policy ${pinned ? 'drop' : 'accept'}`, [
      TO_BRIDGES,
      `ether saddr != ${mac} drop`,
      arpOf(mac),
      ...(pinned ? asAPod(wire, index) : []),
    ]),
    chain(`wire_${index}_pod`, `filter hook ingress device "${bridge}" priority -500; policy drop`, []),
  ];
};

/** What the agent answers on a wire goes to that guest's card alone. */
export const wireAnswers = (wires: readonly WireFacts[]): string[] =>
  wires.map(({ wish: { device } }, index) => `ether saddr ${wireGatewayMac(index)} fwd to "${wireNames(device).tap}"`);

/** A node whose kernel shows bridged packets to the packet filter of IP. */
export const wireThrough = (wires: readonly WireFacts[]): string[] =>
  wires.map(({ wish: { device } }) => {
    const { bridge } = wireNames(device);
    return `iifname "${bridge}" oifname "${bridge}" accept`;
  });
