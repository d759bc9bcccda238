import { canonicalMac } from '../api/mac-address.js';
import { MULTUS } from '../api/multus.js';
import type { VirtualMachineInstance } from '../api/schema/kinds.js';
import { attachedNetworks, attachmentName, type AttachedNetwork } from '../api/vmi/attached-networks.js';

/** As Multus reads it. The namespace stands there always: which ones a pod may use is for Multus to say. */
const selection = ({ card: { macAddress }, source, device }: AttachedNetwork, namespace: string) => ({
  ...attachmentName(source.networkName, namespace),
  interface: device,
  ...(macAddress ? { mac: canonicalMac(macAddress) ?? macAddress } : {}),
});

/**
 * The annotations by which Multus attaches networks to the pod. In place of the VMI's own of that name, which would
 * name the same devices.
 */
export const attachments = (vmi: VirtualMachineInstance): Record<string, string> => {
  const namespace = vmi.metadata?.namespace ?? 'default';
  const all = attachedNetworks(vmi);
  const [beside, instead] = [
    all.filter(({ source }) => source.default !== true),
    all.find(({ source }) => source.default === true),
  ];
  return {
    ...(beside.length === 0
      ? {}
      : { [MULTUS.networks]: JSON.stringify(beside.map((network) => selection(network, namespace))) }),
    ...(instead === undefined ? {} : { [MULTUS.default]: defaultName(instead, namespace) }),
  };
};

const defaultName = ({ source }: AttachedNetwork, own: string): string => {
  const { namespace, name } = attachmentName(source.networkName, own);
  return `${namespace}/${name}`;
};
