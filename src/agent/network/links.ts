import { GUEST_ID } from '../../api/pod-layout.js';
import { GATEWAY_LINK_LOCAL, GATEWAY_MAC, guestEnds } from './guest-end.js';
import { TAP } from '../../api/vmi/guest-network.js';
import { AGENT_ADDRESS, AGENT_PORT, ASKING, KERNEL_PORT, type NetworkWish, type PodFacts } from './wish.js';

/**
 * Commands for `ip -batch` that make the devices which are not there yet.
 * @param present names of those that are
 */
export const newLinks = (wish: NetworkWish | undefined, present: readonly string[]): string[] => [
  ...(wish === undefined || present.includes(TAP)
    ? []
    : [`tuntap add dev ${TAP} mode tap user ${GUEST_ID} group ${GUEST_ID}${wish.queues > 1 ? ' multi_queue' : ''}`]),
  ...(present.includes(ASKING)
    ? []
    : [
        // Frames that the rules send there come to the agent's socket on the loopback, and its answers back.
        `link add ${ASKING} type vxlan id 1 local 127.0.0.1 dstport ${KERNEL_PORT} nolearning`,
      ]),
];

/** Commands for `ip -batch` that make the devices what they should be; they change nothing when it is so. */
export const linkSettings = (wish: NetworkWish, facts: PodFacts): string[] => {
  const { ipv4, ipv6 } = guestEnds(wish, facts);
  return [
    `link set dev ${TAP} address ${GATEWAY_MAC} mtu ${facts.mtu}`,
    ...(ipv4 === undefined ? [] : [`address replace ${ipv4.gateway}/${ipv4.gatewayPrefix} dev ${TAP}`]),
    `link set dev ${TAP} up`,
    ...(ipv6 === undefined
      ? []
      : [
          `address replace ${ipv6.gateway}/${ipv6.gatewayPrefix} dev ${TAP} nodad`,
          `address replace ${GATEWAY_LINK_LOCAL}/64 dev ${TAP} nodad`,
        ]),
    // Nobody else is on this wire, and the guest need not be asked.
    ...[ipv4, ipv6].flatMap((network) =>
      network === undefined ? [] : [`neigh replace ${network.guest} lladdr ${wish.mac} dev ${TAP} nud permanent`],
    ),
    ...(wish.handOver ? handOver(facts) : []),
  ];
};

/** Commands that make {@link ASKING} usable, when the rest is there. @param device any that is up */
export const askingSettings = (device: string): string[] => [
  'link set dev lo up',
  `route replace ${AGENT_ADDRESS}/32 dev ${device}`,
  `link set dev ${ASKING} up`,
];

/**
 * The pod's addresses stay on its device, where whoever made it looks for them; what is sent to them goes on to the
 * guest once {@link giveUp} has run. Of IPv4 somebody has to answer who asks for the address: the pod, for the guest.
 */
const handOver = ({ device, ipv4, ipv6 }: PodFacts): string[] => [
  ...(ipv4 === undefined ? [] : [`route replace ${ipv4}/32 dev ${TAP}`, `neigh replace proxy ${ipv4} dev ${device}`]),
  ...(ipv6 === undefined ? [] : [`route replace ${ipv6}/128 dev ${TAP}`]),
];

/** Commands for `ip -batch` after which the pod itself takes nothing more that comes to these addresses of its own. */
export const giveUp = ({ device }: PodFacts, addresses: readonly string[]): string[] =>
  addresses.map((address) => `route del local ${address} dev ${device} table local`);

/** For `bridge -batch`: where the agent's end of {@link ASKING} is. */
export const AGENT_END = `fdb append 00:00:00:00:00:00 dev ${ASKING} dst ${AGENT_ADDRESS} port ${AGENT_PORT} self permanent`;

/** A file below /proc/sys/net. */
export interface Sysctl {
  readonly file: string;
  readonly value: string;
  /** Written in place of this value only. */
  readonly instead?: string;
}

/** What {@link ASKING} needs. */
export const ASKING_SYSCTLS: readonly Sysctl[] = [{ file: `ipv6/conf/${ASKING}/disable_ipv6`, value: '1' }];

/** In this order, when the devices are there. */
export const sysctls = (wish: NetworkWish, { device, ipv6 }: PodFacts): readonly Sysctl[] => [
  { file: 'ipv4/ip_forward', value: '1' },
  ...(wish.handOver
    ? [
        // The guest asks for its neighbours of the pod's network: all of them are behind the pod.
        { file: `ipv4/conf/${TAP}/proxy_arp`, value: '1' },
        // Without it the kernel drops what comes from an address that a device of its own has; with it, what comes from
        // where no route leads back to.
        { file: `ipv4/conf/${TAP}/rp_filter`, value: '1' },
        ...[TAP, device].map((name) => ({ file: `ipv4/neigh/${name}/proxy_delay`, value: '0' })),
        { file: `ipv4/conf/${device}/send_redirects`, value: '0' },
      ]
    : []),
  // For answers to connections from the pod's loopback (`kubectl port-forward`).
  { file: `ipv4/conf/${TAP}/route_localnet`, value: '1' },
  { file: `ipv4/conf/${TAP}/send_redirects`, value: '0' },
  { file: `ipv4/conf/${TAP}/accept_redirects`, value: '0' },
  ...(ipv6 === undefined
    ? [{ file: `ipv6/conf/${TAP}/disable_ipv6`, value: '1' }]
    : [
        { file: `ipv6/conf/${TAP}/addr_gen_mode`, value: '1' },
        { file: `ipv6/conf/${TAP}/accept_ra`, value: '0' },
        { file: `ipv6/conf/${TAP}/accept_redirects`, value: '0' },
        // A default route by advertisement would go when the pod begins to forward.
        { file: `ipv6/conf/${device}/accept_ra`, value: '2', instead: '1' },
        { file: 'ipv6/conf/all/forwarding', value: '1' },
      ]),
];
