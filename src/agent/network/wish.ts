import type { DHCPOptions } from '../../api/schema/networks.js';
import type { ForwardedRange } from '../../api/vmi/forwarded-ports.js';

/** By which the agent hears and answers what a guest asks about its network. */
export const ASKING = 'virt0';
/** Of the two ends of {@link ASKING}, on the pod's loopback: the kernel's and the agent's. */
export const KERNEL_PORT = 4789;
export const AGENT_PORT = 4790;
/**
 * Where the kernel believes the agent's end to be. To an address of the machine itself it would hand frames from one of
 * its devices to another, and never to a socket; the rules lead this one, which is nobody's, to the loopback.
 */
export const AGENT_ADDRESS = '192.0.2.67';

/** What a VM wants of its pod's own network. */
export interface NetworkWish {
  /** Of the guest's card. */
  readonly mac: string;
  /** The guest has the pod's own address, and not one of these networks behind it. */
  readonly handOver: boolean;
  readonly network: string;
  readonly network6: string;
  /** What is forwarded to the guest; empty: everything. */
  readonly ports: readonly ForwardedRange[];
  /** Of the card; more than one makes a tap of several queues. */
  readonly queues: number;
  /** What DHCP says beyond the network. */
  readonly dhcp?: DHCPOptions;
}

/** What a VM wants of a device that a network made in its pod: that it and the guest's card are one wire. */
export interface WireWish {
  /** Of the card, in the VMI. */
  readonly name: string;
  readonly device: string;
  /** Of the card; absent: the device's. */
  readonly mac?: string;
  readonly queues: number;
  /** What DHCP says beyond the network; absent: nobody answers. */
  readonly dhcp?: DHCPOptions;
}

/** What a VM wants of its pod's network namespace. */
export interface NamespaceWish {
  /** Of the pod's own network; absent: the guest has no tap there. */
  readonly wish?: NetworkWish;
  readonly wires?: readonly WireWish[];
}

/** The same with what a guest is told beyond it. */
export interface GuestNetworkWish extends NamespaceWish {
  readonly hostname: string;
}

/** What was found in the namespace. */
export interface PodFacts {
  /** The pod's own interface: the one of the default route. */
  readonly device: string;
  readonly mtu: number;
  readonly ipv4?: string;
  /** Of the network that the IPv4 address is in. */
  readonly prefix?: number;
  /** Of the default route of IPv4. */
  readonly router?: string;
  readonly ipv6?: string;
}

/** Where a network leads to, and by whom. */
export interface NetworkRoute {
  /** A network of IPv4 with its prefix; `0.0.0.0/0` is everything. */
  readonly to: string;
  readonly via: string;
}

/** What a network gave a pod on one device. */
export interface WireNotes {
  readonly mac: string;
  readonly mtu: number;
  readonly ipv4?: { readonly address: string; readonly prefix: number };
  readonly ipv6?: string;
  readonly routes: readonly NetworkRoute[];
}

/** A wire as it is set up. */
export interface WireFacts {
  readonly wish: WireWish;
  readonly notes: WireNotes;
}

export interface NetworkFacts {
  /** Absent where nothing was asked of the pod's own network. */
  readonly facts?: PodFacts;
  readonly wires: readonly WireFacts[];
}

/** What the program in the namespace tells the agent. */
export type SetUpReport =
  | {
      readonly network: NetworkFacts;
      /** The tap was there before. */
      readonly found: boolean;
    }
  | { readonly error: string };
