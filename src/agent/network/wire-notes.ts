import { isIPv4, isIPv6 } from 'node:net';
import { wireNames } from '../../api/vmi/attached-networks.js';
import type { NetworkRoute, WireFacts, WireNotes, WireWish } from './wish.js';

/*
 * What a network gave a pod is gone from its device once the guest has it. It is noted in the kernel first, as the
 * alias of that device: nobody in the pod may write it, an agent that comes back finds it, and it goes with the pod.
 */

const MARK = 'virt';
/** The kernel's IFALIASZ, without the byte at its end. */
const MAX_ALIAS = 255;

/** As an alias; `-`: there is none. @throws Error when the kernel has no room for it */
export const writeNotes = ({ mac, mtu, ipv4, ipv6 = '-', routes }: WireNotes): string => {
  const address = ipv4 === undefined ? '-' : `${ipv4.address}/${ipv4.prefix}`;
  const text = [MARK, mac, mtu, address, ipv6, ...routes.map(({ to, via }) => `${to}>${via}`)].join(',');
  if (text.length > MAX_ALIAS)
    throw new Error(`it gives ${routes.length} routes, which are more than can be handed to a guest`);
  return text;
};

const isPrefix = (text: string, most: number): boolean => /^\d{1,3}$/.test(text) && Number(text) <= most;
const isNetwork = (text: string): boolean => {
  const [address = '', prefix = ''] = text.split('/');
  return isIPv4(address) && isPrefix(prefix, 32);
};

/** Undefined for what is none of ours. */
export const readNotes = (alias: unknown): WireNotes | undefined => {
  if (typeof alias !== 'string') return undefined;
  const [mark, mac = '', mtu = '', address = '', ipv6 = '', ...rest] = alias.split(',');
  if (mark !== MARK) return undefined;
  const [own = '', prefix = ''] = address.split('/');
  return {
    mac,
    mtu: Number(mtu),
    ...(isNetwork(address) ? { ipv4: { address: own, prefix: Number(prefix) } } : {}),
    ...(isIPv6(ipv6) ? { ipv6 } : {}),
    routes: rest.map((route) => {
      const [to = '', via = ''] = route.split('>');
      return { to, via };
    }),
  };
};

/** As `ip -json` prints them; nothing of it is a guest's to say. */
interface Device {
  readonly ifname?: unknown;
  readonly address?: unknown;
  readonly mtu?: unknown;
  readonly addr_info?: readonly {
    readonly family?: unknown;
    readonly local?: unknown;
    readonly prefixlen?: unknown;
    readonly scope?: unknown;
    readonly dynamic?: unknown;
  }[];
}
interface Route {
  readonly dst?: unknown;
  readonly gateway?: unknown;
  readonly dev?: unknown;
}

interface Detail {
  readonly ifname?: unknown;
  readonly ifalias?: unknown;
  readonly linkinfo?: { readonly info_kind?: unknown; readonly info_data?: { readonly mode?: unknown } };
}

/** The kind of a device that cannot be the port of a bridge, though the kernel lets it be one. */
const ownMacOnly = (detail: Detail | undefined): string | undefined => {
  const kind = detail?.linkinfo?.info_kind;
  const [isMacvlan, isIpvlan] = [kind === 'macvlan', kind === 'ipvlan'];
  return isIpvlan || (isMacvlan && detail?.linkinfo?.info_data?.mode !== 'passthru') ? String(kind) : undefined;
};

const given = ({ addr_info: all = [] }: Device, family: 'inet' | 'inet6') =>
  all.find((one) => one.family === family && one.scope === 'global' && one.dynamic !== true);

/** `default`, an address, or a network. */
const destination = (dst: unknown): string =>
  dst === 'default' ? '0.0.0.0/0' : String(dst).includes('/') ? String(dst) : `${String(dst)}/32`;

const routesOf = (device: string, routes: readonly Route[]): NetworkRoute[] =>
  routes.flatMap(({ dst, gateway, dev }) => {
    const to = destination(dst);
    return dev === device && typeof gateway === 'string' && isIPv4(gateway) && isNetwork(to)
      ? [{ to, via: gateway }]
      : [];
  });

const notesOf = (device: Device, routes: readonly Route[]): WireNotes => {
  const [ipv4, ipv6] = [given(device, 'inet'), given(device, 'inet6')];
  return {
    mac: String(device.address).toLowerCase(),
    mtu: typeof device.mtu === 'number' ? device.mtu : 1500,
    ...(ipv4 === undefined ? {} : { ipv4: { address: String(ipv4.local), prefix: Number(ipv4.prefixlen) } }),
    ...(ipv6 === undefined ? {} : { ipv6: String(ipv6.local) }),
    routes: routesOf(String(device.ifname), routes),
  };
};

/** A wire, and whether its device still has the name that the network gave it. */
export interface SeenWire extends WireFacts {
  readonly untouched: boolean;
}

/** What `ip -json` prints of a namespace. */
export interface Shown {
  /** `address show` */
  readonly addresses: string;
  /** `-details link show`: the one that prints aliases and what kind of device it is. */
  readonly links: string;
  /** `-4 route show table main` */
  readonly routes: string;
}

/** @throws Error when the network has made no device */
export const seeWire = (wish: WireWish, { addresses, links, routes }: Shown): SeenWire => {
  const devices = JSON.parse(addresses) as readonly Device[];
  const details = JSON.parse(links) as readonly Detail[];
  const named = (name: string): Device | undefined => devices.find(({ ifname }) => ifname === name);
  const nic = named(wireNames(wish.device).nic);
  const found = nic ?? named(wish.device);
  if (found === undefined)
    throw new Error(
      `the pod has no device ${wish.device} for the network ${JSON.stringify(wish.name)}: ` +
        'Multus, which would have made it, is not installed or does not know the network',
    );
  const detail = details.find(({ ifname }) => ifname === found.ifname);
  const kind = ownMacOnly(detail);
  if (kind !== undefined)
    throw new Error(
      `the network ${JSON.stringify(wish.name)} gave the pod a device of type ${kind}, which takes frames for its own ` +
        'MAC address alone, and so none for a guest; a network of the plugin bridge, or of macvlan in mode passthru, does',
    );
  const noted = readNotes(detail?.ifalias);
  if (nic !== undefined && noted === undefined) throw new Error(`${wireNames(wish.device).nic} is not of this program`);
  // The device's place for notes is taken, and with it the network would lose what it has there.
  if (noted === undefined && typeof detail?.ifalias === 'string' && detail.ifalias !== '')
    throw new Error(
      `the network ${JSON.stringify(wish.name)} gave the pod a device that has an alias, ` +
        `${JSON.stringify(detail.ifalias)}: a plugin such as host-device keeps there what the device is called on the ` +
        'node, and could not give it back: use a network of the plugin bridge, or of macvlan in mode passthru',
    );
  return {
    wish,
    notes: noted ?? notesOf(found, JSON.parse(routes) as readonly Route[]),
    untouched: nic === undefined,
  };
};
