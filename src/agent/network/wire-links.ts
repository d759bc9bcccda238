import { createHash } from 'node:crypto';
import { GUEST_ID } from '../../api/pod-layout.js';
import { wireNames } from '../../api/vmi/attached-networks.js';
import type { Sysctl } from './links.js';
import { writeNotes, type SeenWire } from './wire-notes.js';
import type { WireFacts } from './wish.js';

/*
 * A device that a network made in the pod, and a tap of the guest's, in one bridge. Commands for `ip -batch`, in the
 * order in which they are run; each of them may be run again, and whoever is killed between two of them goes on.
 */

/** The address of the guest's card. */
export const cardMac = ({ wish: { mac }, notes }: WireFacts): string => mac ?? notes.mac;

/**
 * The device under another name: what it had is noted before it is lost, for a device that is down keeps no route. Its
 * own name is for the stand-in.
 */
export const setAside = ({ wish: { device }, notes, untouched }: SeenWire): string[] =>
  untouched
    ? [
        `link set dev ${device} alias ${writeNotes(notes)}`,
        `link set dev ${device} down`,
        `link set dev ${device} name ${wireNames(device).nic}`,
      ]
    : [];

/** What is not there yet, of the guest's side. @param present names of the devices that are */
export const newWire = ({ wish: { device, queues } }: WireFacts, present: readonly string[]): string[] => {
  const { bridge, tap } = wireNames(device);
  return [
    ...(present.includes(bridge) ? [] : [`link add ${bridge} type bridge stp_state 0 mcast_snooping 0`]),
    ...(present.includes(tap)
      ? []
      : [`tuntap add dev ${tap} mode tap user ${GUEST_ID} group ${GUEST_ID}${queues > 1 ? ' multi_queue' : ''}`]),
  ];
};

/** A bridge that leads nowhere does where the kernel has no dummy. */
export const STAND_INS = ['dummy', 'bridge'] as const;

/** The bridge would keep frames for an address of its own port, so that one has to be another. */
const ownMac = (mac: string): string => {
  const hash = createHash('sha256').update(`nic ${mac}`).digest();
  return ['02', ...[...hash.subarray(0, 5)].map((byte) => byte.toString(16).padStart(2, '0'))].join(':');
};

/** Once the stand-in is there. */
export const wireSettings = ({ wish: { device }, notes }: WireFacts): string[] => {
  const { nic, bridge, tap } = wireNames(device);
  return [
    // Who looks in the pod for what the network gave it, such as the network when the pod goes, finds it here. It stays
    // down: the pod itself does not answer for the guest.
    `link set dev ${device} address ${notes.mac} mtu ${notes.mtu}`,
    ...(notes.ipv4 === undefined ? [] : [`address replace ${notes.ipv4.address}/${notes.ipv4.prefix} dev ${device}`]),
    `address flush dev ${nic}`,
    `link set dev ${nic} address ${ownMac(notes.mac)}`,
    ...[nic, tap].flatMap((port) => [
      `link set dev ${port} mtu ${notes.mtu} master ${bridge}`,
      // There are two ports: nothing is to be learned, and no guest fills a table.
      `link set dev ${port} type bridge_slave learning off`,
    ]),
    `link set dev ${bridge} mtu ${notes.mtu}`,
    ...[nic, tap, bridge].map((name) => `link set dev ${name} up`),
  ];
};

/** The pod itself has no part in the wire, and its packet filter none in what the guest sends there. */
export const wireSysctls = ({ wish: { device } }: WireFacts): readonly Sysctl[] => {
  const { nic, bridge, tap } = wireNames(device);
  return [
    ...[device, nic, bridge, tap].map((name) => ({ file: `ipv6/conf/${name}/disable_ipv6`, value: '1' })),
    // What the kernel sends to the agent is from the loopback.
    { file: `ipv4/conf/${bridge}/route_localnet`, value: '1' },
    ...['iptables', 'ip6tables', 'arptables'].map((tables) => ({
      file: `bridge/bridge-nf-call-${tables}`,
      value: '0',
    })),
  ];
};
