import { isIPv4, isIPv6 } from 'node:net';
import { guestNetwork, guestNetworkProblem, isInNetwork } from '../../api/vmi/guest-network.js';
import type { NetworkWish, PodFacts } from './wish.js';

/** Why a pod's addresses and its guest's network do not go together. */
export const addressConflict = (wish: NetworkWish, { ipv4, ipv6 }: PodFacts): string | undefined => {
  if (wish.handOver) return undefined;
  const { network, network6 } = wish;
  const wrong = [
    [network, guestNetworkProblem(network, 4)],
    [network6, guestNetworkProblem(network6, 6)],
  ].find(([, problem]) => problem !== undefined);
  // Admission refuses it; an older one let it through.
  if (wrong !== undefined) return wrong.join(' ');
  const pairs = [
    [ipv4, network, 'vmNetworkCIDR'],
    [ipv6, network6, 'vmIPv6NetworkCIDR'],
  ] as const;
  const found = pairs.find(([address, cidr]) => address !== undefined && isInNetwork(address, guestNetwork(cidr)));
  return found === undefined
    ? undefined
    : `the pod's address ${found[0] ?? ''} is in the guest's own network ${found[1]}; write another into networks[].pod.${found[2]}`;
};

interface Address {
  readonly family?: unknown;
  readonly local?: unknown;
  readonly prefixlen?: unknown;
  readonly scope?: unknown;
}
interface Device {
  readonly ifname?: unknown;
  readonly mtu?: unknown;
  readonly addr_info?: readonly Address[];
}

/** What most networks of pods call the pod's own device. */
const USUAL = 'eth0';
const DEVICE_NAME = /^[A-Za-z0-9_.-]{1,15}$/;

const firstAddress = (
  { addr_info: addresses = [] }: Device,
  family: 'inet' | 'inet6',
): { readonly local: string; readonly prefix: number } | undefined =>
  addresses
    .filter((address) => address.family === family && address.scope === 'global')
    .map(({ local, prefixlen }) => ({ local: String(local), prefix: Number(prefixlen) }))
    .find(({ local }) => (family === 'inet' ? isIPv4(local) : isIPv6(local)));

interface Route {
  readonly dev?: unknown;
  readonly gateway?: unknown;
}

/** Of all devices in the namespace. @param addresses what `ip -json address show` prints */
export const deviceNames = (addresses: string): string[] =>
  (JSON.parse(addresses) as readonly Device[])
    .map(({ ifname }) => String(ifname))
    .filter((name) => DEVICE_NAME.test(name));

/**
 * The pod's own device, and the names of all.
 * @param addresses what `ip -json address show` prints
 * @param defaultRoutes what `ip -json route show default` prints
 * @throws Error when the pod has no network
 */
export const readAddresses = (addresses: string, defaultRoutes: string): { facts: PodFacts; devices: string[] } => {
  const found = JSON.parse(addresses) as readonly Device[];
  const devices = deviceNames(addresses);
  const [route] = JSON.parse(defaultRoutes) as readonly Route[];
  const name = typeof route?.dev === 'string' && devices.includes(route.dev) ? route.dev : USUAL;
  const own = found.find(({ ifname }) => ifname === name);
  if (own === undefined) throw new Error(`the pod has no network: neither a default route nor a device ${USUAL}`);
  const [ipv4, ipv6] = [firstAddress(own, 'inet'), firstAddress(own, 'inet6')];
  const facts: PodFacts = {
    device: name,
    mtu: typeof own.mtu === 'number' ? own.mtu : 1500,
    ...(ipv4 === undefined ? {} : { ipv4: ipv4.local, prefix: ipv4.prefix }),
    ...(route?.dev === name && isIPv4(String(route.gateway)) ? { router: String(route.gateway) } : {}),
    ...(ipv6 === undefined ? {} : { ipv6: ipv6.local }),
  };
  return { facts, devices };
};

/**
 * Those of the pod's addresses that the kernel still takes for the pod's own.
 * @param routes what `ip -json route show table local` prints for each family
 */
export const stillLocal = ({ device, ipv4, ipv6 }: PodFacts, routes: readonly string[]): string[] =>
  routes
    .flatMap((text) => JSON.parse(text) as readonly { type?: unknown; dst?: unknown; dev?: unknown }[])
    .filter(({ type, dev }) => type === 'local' && dev === device)
    .map(({ dst }) => String(dst))
    .filter((dst) => dst === ipv4 || dst === ipv6);
