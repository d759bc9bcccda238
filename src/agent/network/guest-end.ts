import { guestNetwork } from '../../api/vmi/guest-network.js';
import type { NetworkRoute, NetworkWish, PodFacts, WireFacts } from './wish.js';

/** What the tap's own address is made of: the same in every pod, for each has a wire of its own. */
export const GATEWAY_MAC = '02:6b:76:00:02:01';
export const GATEWAY_LINK_LOCAL = 'fe80::1';
/** The tap's own address where the guest has the pod's: of this wire alone, as KubeVirt's DHCP server has it. */
const HANDED_GATEWAY = '169.254.75.1';

/** The wire between a guest and its pod, in one family of addresses. */
export interface GuestEnd {
  /** The tap's own: who answers the guest. */
  readonly gateway: string;
  /** Of the network that the tap is in. */
  readonly gatewayPrefix: number;
  readonly guest: string;
  /** Of the network that the guest is in. */
  readonly prefix: number;
  /** To whom the guest sends what is for others; absent: the network leads nowhere else. */
  readonly router?: string;
  /** What is behind others than the router. */
  readonly routes?: readonly NetworkRoute[];
}

const EVERYTHING = '0.0.0.0/0';

/**
 * The guest's end of a wire whose network gave the pod an address; undefined where it gave none, and the guest asks
 * the network itself.
 */
export const wireEnd = ({ notes: { ipv4, routes } }: WireFacts, index: number): GuestEnd | undefined => {
  if (ipv4 === undefined) return undefined;
  const router = routes.find(({ to }) => to === EVERYTHING)?.via;
  return {
    gateway: wireGateway(index),
    gatewayPrefix: 32,
    guest: ipv4.address,
    prefix: ipv4.prefix,
    ...(router === undefined ? {} : { router }),
    routes: routes.filter(({ to }) => to !== EVERYTHING),
  };
};

/** Who answers the guest on a wire: nobody on the network, which never sees these. KubeVirt's range. */
const wireGateway = (index: number): string => `169.254.75.${10 + index}`;
export const wireGatewayMac = (index: number): string => `02:6b:76:00:03:${(10 + index).toString(16).padStart(2, '0')}`;
/** As many as have such an address each; no machine of QEMU's has room for so many cards. */
export const MAX_WIRES = 200;

/** A network of the guest's own, behind the pod's address. */
const translated = (cidr: string): GuestEnd => {
  const { gateway, guest, prefix } = guestNetwork(cidr);
  return { gateway, gatewayPrefix: prefix, guest, prefix, router: gateway };
};

const ipv4End = (wish: NetworkWish, { ipv4, prefix = 32, router = HANDED_GATEWAY }: PodFacts): GuestEnd | undefined => {
  if (ipv4 === undefined) return undefined;
  if (!wish.handOver) return translated(wish.network);
  return { gateway: HANDED_GATEWAY, gatewayPrefix: 32, guest: ipv4, prefix, router };
};

const ipv6End = (wish: NetworkWish, { ipv6 }: PodFacts): GuestEnd | undefined => {
  if (ipv6 === undefined) return undefined;
  if (!wish.handOver) return translated(wish.network6);
  const gateway = GATEWAY_LINK_LOCAL;
  // DHCPv6 tells of no network, so everything goes to the router.
  return { gateway, gatewayPrefix: 64, guest: ipv6, prefix: 128, router: gateway };
};

/** What the wire of a pod with these addresses is like. */
export const guestEnds = (wish: NetworkWish, facts: PodFacts): { ipv4?: GuestEnd; ipv6?: GuestEnd } => {
  const [ipv4, ipv6] = [ipv4End(wish, facts), ipv6End(wish, facts)];
  return { ...(ipv4 === undefined ? {} : { ipv4 }), ...(ipv6 === undefined ? {} : { ipv6 }) };
};
