import { isIPv4, isIPv6 } from 'node:net';
import type { VirtualMachineInstance } from '../schema/kinds.js';
import type { Interface } from '../schema/networks.js';
import { vcpuCount } from './guest-size.js';

/** The guest's own network behind the address of its pod, where the network names none. KubeVirt's. */
export const GUEST_NETWORK = '10.0.2.0/24';
export const GUEST_NETWORK6 = 'fd10:0:2::/120';

/** The guest's card in its pod's network namespace. */
export const TAP = 'tap0';

/** The guest and its gateway need two addresses, and IPv4 keeps two for itself. */
const LONGEST_PREFIX = { 4: 30, 6: 126 } as const;
/** Shorter ones would take the cluster's own networks from the guest. */
const SHORTEST_PREFIX = { 4: 8, 6: 64 } as const;

type Family = 4 | 6;

/** A network of two: the gateway is its first address, the guest its second. */
export interface GuestNetwork {
  readonly network: string;
  readonly prefix: number;
  readonly gateway: string;
  readonly guest: string;
}

const bits = (family: Family): number => (family === 4 ? 32 : 128);

const ofIPv4 = (text: string): bigint => text.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n);
const ipv4 = (value: bigint): string => [24n, 16n, 8n, 0n].map((shift) => String((value >> shift) & 0xffn)).join('.');

/** The 16 bytes of an IPv6 address. */
const ofIPv6 = (text: string): bigint => {
  // The last two groups may be written as IPv4.
  const dotted = /[\d.]+$/.exec(text)?.[0] ?? '';
  const low = dotted.includes('.') ? ofIPv4(dotted) : undefined;
  const plain =
    low === undefined
      ? text
      : `${text.slice(0, -dotted.length)}${(low >> 16n).toString(16)}:${(low & 0xffffn).toString(16)}`;
  const [head = '', tail] = plain.split('::');
  const groups = (part: string): string[] => (part === '' ? [] : part.split(':'));
  const [before, after] = [groups(head), groups(tail ?? '')];
  const middle = Array.from({ length: 8 - before.length - after.length }, () => '0');
  return [...before, ...middle, ...after].reduce((sum, group) => sum * 65_536n + BigInt(`0x${group}`), 0n);
};
/** As everyone writes it: a URL's host is in RFC 5952's form. */
const ipv6 = (value: bigint): string => {
  const hex = value.toString(16).padStart(32, '0');
  return new URL(`http://[${(hex.match(/.{4}/g) ?? []).join(':')}]`).hostname.slice(1, -1);
};

/** The number of an address. */
export const addressNumber = (text: string): bigint => (isIPv4(text) ? ofIPv4(text) : ofIPv6(text));

/** Why a CIDR is no network for a guest; undefined: it is one. A sentence's end, after the value. */
export const guestNetworkProblem = (cidr: string, family: Family): string | undefined => {
  const example = family === 4 ? GUEST_NETWORK : GUEST_NETWORK6;
  const [, address = '', length = ''] = /^([^/]{2,45})\/(0|[1-9]\d{0,2})$/.exec(cidr) ?? [];
  if (!(family === 4 ? isIPv4(address) : isIPv6(address) && !address.includes('%')))
    return `is no IPv${family} network: write one such as "${example}"`;
  const prefix = Number(length);
  if (prefix > LONGEST_PREFIX[family])
    return `has no room for the guest and its gateway: write a prefix of at most /${LONGEST_PREFIX[family]}`;
  if (prefix < SHORTEST_PREFIX[family])
    return `would take too many addresses from the guest: write a prefix of at least /${SHORTEST_PREFIX[family]}`;
  const range = family === 4 ? IPV4_UNUSABLE : IPV6_UNUSABLE;
  const value = addressNumber(address);
  const found = range.find(([from, to]) => value >= addressNumber(from) && value <= addressNumber(to));
  return found === undefined
    ? undefined
    : `is in ${found[2]}, which no network can use: write one such as "${example}"`;
};

type Unusable = readonly (readonly [from: string, to: string, what: string])[];
const IPV4_UNUSABLE: Unusable = [
  ['0.0.0.0', '0.255.255.255', '0.0.0.0/8'],
  ['127.0.0.0', '127.255.255.255', '127.0.0.0/8'],
  ['169.254.0.0', '169.254.255.255', '169.254.0.0/16'],
  ['224.0.0.0', '255.255.255.255', 'the addresses of groups'],
];
const IPV6_UNUSABLE: Unusable = [
  ['::', '::ffff:ffff:ffff', 'the first addresses of IPv6'],
  ['fe80::', 'febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 'fe80::/10'],
  ['ff00::', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 'ff00::/8'],
];

/** The addresses of a network that {@link guestNetworkProblem} has nothing against. */
export const guestNetwork = (cidr: string): GuestNetwork => {
  const [address = '', length = ''] = cidr.split('/');
  const [family, prefix] = [isIPv4(address) ? 4 : 6, Number(length)] as const;
  const host = BigInt(bits(family) - prefix);
  const base = (addressNumber(address) >> host) << host;
  const text = family === 4 ? ipv4 : ipv6;
  return { network: text(base), prefix, gateway: text(base + 1n), guest: text(base + 2n) };
};

/** Whether an address is one of a network's. */
export const isInNetwork = (address: string, { network, prefix }: GuestNetwork): boolean => {
  const host = BigInt(bits(isIPv4(network) ? 4 : 6) - prefix);
  return isIPv4(address) === isIPv4(network) && addressNumber(address) >> host === addressNumber(network) >> host;
};

/** Of an interface on the pod network: whether a guest is given the pod's own address, and not one behind it. */
export const takesPodAddress = ({ bridge }: Interface): boolean => bridge !== undefined;

/** Whether the packets of an interface on the pod network go by a tap; otherwise passt carries them. */
export const usesTap = (spec: Interface): boolean => spec.masquerade !== undefined || takesPodAddress(spec);

const present = ({ spec }: VirtualMachineInstance): readonly Interface[] =>
  (spec.domain.devices.interfaces ?? []).filter(({ state }) => state !== 'absent');

/** Whether an interface is on a network that Multus attaches. */
const isAttached = ({ spec }: VirtualMachineInstance, { name }: Interface): boolean =>
  spec.networks?.find((network) => network.name === name)?.multus !== undefined;

/** The interface that is on the pod's own network, however its packets go. */
export const podInterface = (vmi: VirtualMachineInstance): Interface | undefined =>
  present(vmi).find((spec) => !isAttached(vmi, spec));

/** The interface that is the guest's end of a tap in its pod's own network. */
export const tapInterface = (vmi: VirtualMachineInstance): Interface | undefined =>
  present(vmi).find((spec) => usesTap(spec) && !isAttached(vmi, spec));

/** Whether anything in the pod is a tap. */
export const hasTap = (vmi: VirtualMachineInstance): boolean =>
  present(vmi).some((spec) => usesTap(spec) || isAttached(vmi, spec));

/** Whether passt runs beside the guest. */
export const usesPasst = (vmi: VirtualMachineInstance): boolean =>
  present(vmi).some((spec) => !usesTap(spec) && !isAttached(vmi, spec));

/** More queues than this no tap has. */
const MAX_QUEUES = 256;

/** Of a card: one for each vCPU where it is asked for, and only virtio has more than one. */
export const queuesOf = (vmi: VirtualMachineInstance, { model }: Interface): number =>
  vmi.spec.domain.devices.networkInterfaceMultiqueue === true &&
  (model === undefined || model === '' || model === 'virtio')
    ? Math.min(vcpuCount(vmi.spec), MAX_QUEUES)
    : 1;
