import type { VirtualMachineInstance } from '../../api/schema/kinds.js';
import { attachedNetworks } from '../../api/vmi/attached-networks.js';
import { listedPorts } from '../../api/vmi/forwarded-ports.js';
import { GUEST_NETWORK, GUEST_NETWORK6, queuesOf, takesPodAddress, tapInterface } from '../../api/vmi/guest-network.js';
import { macAddress } from '../../domain/index.js';
import { hostName } from '../../launcher/index.js';
import type { GuestNetworkWish, NetworkWish, WireWish } from './wish.js';

const podWish = (vmi: VirtualMachineInstance): NetworkWish | undefined => {
  const card = tapInterface(vmi);
  if (card === undefined) return undefined;
  const network = vmi.spec.networks?.find(({ name }) => name === card.name)?.pod;
  return {
    mac: macAddress(vmi, card),
    handOver: takesPodAddress(card),
    network: network?.vmNetworkCIDR || GUEST_NETWORK,
    network6: network?.vmIPv6NetworkCIDR || GUEST_NETWORK6,
    ports: listedPorts(card),
    queues: queuesOf(vmi, card),
    ...(card.dhcpOptions === undefined ? {} : { dhcp: card.dhcpOptions }),
  };
};

const wiresOf = (vmi: VirtualMachineInstance): WireWish[] =>
  attachedNetworks(vmi).map(({ card, device }) => ({
    name: card.name,
    device,
    ...(card.macAddress ? { mac: macAddress(vmi, card) } : {}),
    queues: queuesOf(vmi, card),
    // Of a plugin's networks the addresses are the plugin's matter.
    ...(card.binding === undefined ? { dhcp: card.dhcpOptions ?? {} } : {}),
  }));

/** What a VM wants of its pod's networks; undefined: no tap. @throws DomainError */
export const networkWish = (vmi: VirtualMachineInstance): GuestNetworkWish | undefined => {
  const [wish, wires] = [podWish(vmi), wiresOf(vmi)];
  if (wish === undefined && wires.length === 0) return undefined;
  return { ...(wish === undefined ? {} : { wish }), ...(wires.length === 0 ? {} : { wires }), hostname: hostName(vmi) };
};
