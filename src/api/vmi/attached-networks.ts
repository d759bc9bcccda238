import { createHash } from 'node:crypto';
import type { VirtualMachineInstance } from '../schema/kinds.js';
import type { Interface, MultusNetwork } from '../schema/networks.js';
import { TAP } from './guest-network.js';

/** A network that Multus attaches to the pod, beside the pod's own or (`default`) in its place. */
export interface AttachedNetwork {
  /** The guest's card on it. */
  readonly card: Interface;
  /** Its position among the interfaces of the VMI. */
  readonly index: number;
  readonly source: MultusNetwork;
  /** The pod's device that the cluster's network makes for it. */
  readonly device: string;
}

/** Every pod's first device, whoever makes it. */
export const FIRST_DEVICE = 'eth0';

/**
 * `pod` and so much of a hash of the network's name as a device's name has room for: KubeVirt's, so that tools find it.
 */
const deviceOf = (network: string, { default: inPlace }: MultusNetwork): string =>
  inPlace === true ? FIRST_DEVICE : `pod${createHash('sha256').update(network).digest('hex').slice(0, 11)}`;

/** The networks of Multus that the guest has a card on, in the order of its cards. */
export const attachedNetworks = ({ spec }: VirtualMachineInstance): readonly AttachedNetwork[] =>
  (spec.domain.devices.interfaces ?? []).flatMap((card, index) => {
    const source = spec.networks?.find(({ name }) => name === card.name)?.multus;
    if (source === undefined || card.state === 'absent') return [];
    return [{ card, index, source, device: deviceOf(card.name, source) }];
  });

/** What is between a device of the pod and a guest's card: KubeVirt's names. */
export interface WireNames {
  /** What the device is called from then on: its own name is that of a stand-in. */
  readonly nic: string;
  readonly bridge: string;
  readonly tap: string;
}

export const wireNames = (device: string): WireNames => {
  const base = device.replace(/^pod/, '');
  return { nic: `${base}-nic`, bridge: `k6t-${base}`, tap: device === FIRST_DEVICE ? TAP : `tap${base}` };
};

/** A NetworkAttachmentDefinition as `[namespace/]name`. */
export const attachmentName = (networkName: string, namespace: string): { namespace: string; name: string } => {
  const parts = networkName.split('/');
  return parts.length > 1
    ? { namespace: parts[0] ?? '', name: parts.slice(1).join('/') }
    : { namespace, name: networkName };
};
