import { TAP } from '../../api/vmi/guest-network.js';
import type { ForwardedRange } from '../../api/vmi/forwarded-ports.js';
import { GATEWAY_LINK_LOCAL, GATEWAY_MAC, guestEnds, type GuestEnd } from './guest-end.js';
import { ASK_LIMIT, chain } from './rule-text.js';
import { wireAnswers, wireChains, wireThrough } from './wire-rules.js';
import {
  AGENT_ADDRESS,
  AGENT_PORT,
  ASKING,
  KERNEL_PORT,
  type NetworkWish,
  type PodFacts,
  type WireFacts,
} from './wish.js';

/**
 * Connections that a guest may have at a time through its pod. Each costs the node's kernel some 300 bytes that no
 * cgroup counts.
 */
const CONNECTIONS = 65_536;

/**
 * What may come from the guest at all: its own frames, from its own addresses, and of what it asks about its network no
 * more than the agent can answer. Frames of a VLAN and of anything but IP and ARP are in no list, and so dropped.
 */
const fromGuest = (mac: string, ipv4: GuestEnd | undefined, ipv6: GuestEnd | undefined): string[] => [
  `ether saddr != ${mac} drop`,
  ...(ipv4 === undefined
    ? []
    : [
        `ether type ip ip daddr { 255.255.255.255, ${ipv4.gateway} } udp dport 67 ${ASK_LIMIT} fwd to "${ASKING}"`,
        'ether type ip udp dport 67 ip daddr 255.255.255.255 drop',
        'ether type ip ip daddr 127.0.0.0/8 drop',
        `ether type ip ip saddr ${ipv4.guest} accept`,
        `ether type arp arp saddr ether ${mac} arp saddr ip { 0.0.0.0, ${ipv4.guest} } limit rate 100/second burst 200 packets accept`,
      ]),
  ...(ipv6 === undefined
    ? []
    : [
        `ether type ip6 icmpv6 type nd-router-solicit ${ASK_LIMIT} fwd to "${ASKING}"`,
        `ether type ip6 ip6 daddr ff02::1:2 udp dport 547 ${ASK_LIMIT} fwd to "${ASKING}"`,
        'ether type ip6 icmpv6 type { nd-router-advert, nd-redirect } drop',
        `ether type ip6 ip6 saddr { ${[...new Set([GATEWAY_LINK_LOCAL, ipv6.gateway])].join(', ')} } drop`,
        `ether type ip6 ip6 saddr { ${ipv6.guest}, fe80::/64 } accept`,
        'ether type ip6 ip6 saddr :: icmpv6 type nd-neighbor-solicit accept',
      ]),
];

const portSet = (ranges: readonly ForwardedRange[], protocol: string): string | undefined => {
  const own = ranges.filter((range) => range.protocol.toUpperCase() === protocol);
  return own.length === 0
    ? undefined
    : `{ ${own.map(({ start, end }) => (start === end ? String(start) : `${start}-${end}`)).join(', ')} }`;
};

/** Matches of what is forwarded; an empty one is everything. */
const forwarded = (ports: readonly ForwardedRange[]): string[] =>
  ports.length === 0
    ? ['']
    : ['TCP', 'UDP', 'SCTP'].flatMap((protocol) => {
        const set = portSet(ports, protocol);
        return set === undefined ? [] : [`${protocol.toLowerCase()} dport ${set} `];
      });

/** `kubectl port-forward` speaks from the pod's loopback. */
const fromLoopback = (ports: readonly ForwardedRange[]): string[] => {
  const set = portSet(ports, 'TCP');
  return ports.length === 0 ? ['meta l4proto tcp '] : set === undefined ? [] : [`tcp dport ${set} `];
};

/** The rules on the tap of the pod's own network. */
const podRules = (wish: NetworkWish, facts: PodFacts) => {
  const { ipv4, ipv6 } = guestEnds(wish, facts);
  const { device, ipv4: pod4, ipv6: pod6 } = facts;
  const [ports, loopback] = [forwarded(wish.ports), fromLoopback(wish.ports)];
  const v4 = (rules: (end: GuestEnd, pod: string) => string[]): string[] =>
    ipv4 === undefined || pod4 === undefined ? [] : rules(ipv4, pod4);
  const v6 = (rules: (end: GuestEnd, pod: string) => string[]): string[] =>
    ipv6 === undefined || pod6 === undefined ? [] : rules(ipv6, pod6);
  const none: typeof v4 = () => [];
  const [translated4, translated6] = wish.handOver ? [none, none] : [v4, v6];
  return {
    fromGuest: chain(
      'from_guest',
      `filter hook ingress device "${TAP}" priority -500; policy drop`,
      fromGuest(wish.mac, ipv4, ipv6),
    ),
    fromAgent: [`ether saddr ${GATEWAY_MAC} fwd to "${TAP}"`],
    toPod: [
      ...translated4(({ guest }, pod) =>
        ports.map((port) => `iifname "${device}" ip daddr ${pod} ${port}dnat ip to ${guest}`),
      ),
      ...translated6(({ guest }, pod) =>
        ports.map((port) => `iifname "${device}" ip6 daddr ${pod} ${port}dnat ip6 to ${guest}`),
      ),
    ],
    toLoopback: v4(({ guest }) => loopback.map((port) => `ip daddr 127.0.0.1 ${port}dnat ip to ${guest}`)),
    fromPod: [
      ...translated4(({ guest }, pod) => [`oifname "${device}" ip saddr ${guest} snat ip to ${pod}`]),
      ...v4(({ gateway }) => [`oifname "${TAP}" ip saddr 127.0.0.1 snat ip to ${gateway}`]),
      ...translated6(({ guest }, pod) => [`oifname "${device}" ip6 saddr ${guest} snat ip6 to ${pod}`]),
    ],
    through: [
      'ct state established,related accept',
      'ct state invalid drop',
      `ct state new ct count over ${CONNECTIONS} drop`,
      `iifname "${TAP}" oifname "${device}" accept`,
      ...(wish.handOver
        ? [
            ...v4((_end, pod) => [`iifname "${device}" oifname "${TAP}" ip daddr ${pod} accept`]),
            ...v6((_end, pod) => [`iifname "${device}" oifname "${TAP}" ip6 daddr ${pod} accept`]),
          ]
        : [`iifname "${device}" oifname "${TAP}" ct status dnat accept`]),
    ],
    toUs: [
      `iifname != "${TAP}" accept`,
      'ct state established,related accept',
      ...v4(({ gateway }) => [`ip daddr ${gateway} icmp type echo-request accept`]),
      'icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, echo-request } accept',
      'drop',
    ],
  };
};

/** The pod's own network is passt's, or nobody's. */
const NO_TAP: Partial<ReturnType<typeof podRules>> = {};

/**
 * The rules of a pod's network namespace, as nft reads them: one transaction that takes the place of what was there, so
 * that it may be run again at any time. Connections that are open stay.
 * @param wish of the pod's own network; undefined: it has no tap
 */
export const ruleset = (
  wish: NetworkWish | undefined,
  facts: PodFacts | undefined,
  wires: readonly WireFacts[] = [],
): string => {
  const pod = wish === undefined || facts === undefined ? NO_TAP : podRules(wish, facts);
  return [
    'table netdev virt',
    'delete table netdev virt',
    'table netdev virt {',
    ...(pod.fromGuest === undefined ? [] : [pod.fromGuest]),
    ...wires.flatMap(wireChains),
    chain('from_agent', `filter hook ingress device "${ASKING}" priority -500; policy drop`, [
      ...(pod.fromAgent ?? []),
      ...wireAnswers(wires),
    ]),
    '}',
    'table inet virt',
    'delete table inet virt',
    'table inet virt {',
    chain('to_pod', 'nat hook prerouting priority dstnat; policy accept', pod.toPod ?? []),
    chain('to_loopback', 'nat hook output priority -100; policy accept', [
      `ip daddr ${AGENT_ADDRESS} udp dport ${AGENT_PORT} dnat ip to 127.0.0.1`,
      ...(pod.toLoopback ?? []),
    ]),
    chain('from_pod', 'nat hook postrouting priority srcnat; policy accept', pod.fromPod ?? []),
    chain('through', 'filter hook forward priority filter; policy drop', [
      ...wireThrough(wires),
      ...(pod.through ?? []),
    ]),
    chain('to_us', 'filter hook input priority filter; policy accept', [
      `iifname != "lo" udp dport { ${KERNEL_PORT}, ${AGENT_PORT} } drop`,
      `iifname "lo" udp dport ${AGENT_PORT} limit rate over 100/second burst 100 packets drop`,
      ...(pod.toUs ?? []),
    ]),
    '}',
    '',
  ].join('\n');
};
