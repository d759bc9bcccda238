import { wireNames } from '../../api/vmi/attached-networks.js';
import { wireEnd, wireGatewayMac, type GuestEnd } from './guest-end.js';
import { addressBytes, linkLocal, macBytes } from './packets.js';
import { ASK_LIMIT, chain } from './rule-text.js';
import { cardMac } from './wire-links.js';
import { ASKING, type WireFacts } from './wish.js';

/** Where no other station is to see what a bridge says to its neighbours: a guest would be one of them. */
const TO_BRIDGES = 'ether daddr & ff:ff:ff:ff:ff:f0 == 01:80:c2:00:00:00 drop';

/** Whose card it says it is: by ARP, and by ARP inside one VLAN's tag, which the kernel has read, or two. */
const arpOf = (mac: string): string[] => [
  `meta protocol arp @nh,64,48 != ${hexadecimal(macBytes(mac))} drop`,
  ...['8021q', '8021ad'].flatMap((tag) => [
    `meta protocol ${tag} @nh,16,16 0x0806 @nh,96,48 != ${hexadecimal(macBytes(mac))} drop`,
    // A third would hide it from here.
    `meta protocol ${tag} @nh,16,16 { 0x8100, 0x88a8, 0x9100 } drop`,
  ]),
];

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
  return [
    ...asking(end, wire.wish.dhcp !== undefined),
    'ether type ip udp sport 67 drop',
    ...(end === undefined
      ? []
      : [
          `ether type ip ip saddr ${end.guest} accept`,
          `ether type arp arp saddr ip { 0.0.0.0, ${end.guest} } limit rate 100/second burst 200 packets accept`,
        ]),
    // Where it gave no address of IPv6, nothing of IPv6 is the guest's to send.
    ...(ipv6 === undefined ? [] : asAPod6([ipv6, linkLocal(cardMac(wire))])),
  ];
};

/** @param own the address that the network gave, and the one that a card makes itself */
const asAPod6 = (own: readonly string[]): string[] => {
  const targets = own.map((address) => `@th,64,128 != ${hexadecimal(addressBytes(address))}`).join(' ');
  return [
    'ether type ip6 icmpv6 type { nd-router-advert, nd-redirect } drop',
    'ether type ip6 udp sport 547 drop',
    // What a neighbour says of itself: that it is a router, and whose address it has.
    'ether type ip6 icmpv6 type nd-neighbor-advert @th,32,8 & 0x80 != 0 drop',
    `ether type ip6 icmpv6 type nd-neighbor-advert ${targets} drop`,
    `ether type ip6 ip6 saddr { ${own.join(', ')} } accept`,
    // Who asks so whether an address is free takes it from whoever asks at the same time.
    `ether type ip6 ip6 saddr :: icmpv6 type nd-neighbor-solicit ${targets} drop`,
    'ether type ip6 ip6 saddr :: icmpv6 type { nd-neighbor-solicit, nd-router-solicit, mld2-listener-report } accept',
  ];
};

const hexadecimal = (bytes: Buffer): string => `0x${bytes.toString('hex')}`;

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
      ...arpOf(mac),
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
