import type { VirtualMachineInstance } from '../../api/schema/kinds.js';
import { listedPorts } from '../../api/vmi/forwarded-ports.js';
import { GUEST_NETWORK, GUEST_NETWORK6, queuesOf, takesPodAddress, tapInterface } from '../../api/vmi/guest-network.js';
import { macAddress } from '../../domain/index.js';
import { hostName } from '../../launcher/index.js';
import type { GuestNetworkWish } from './wish.js';

/** What a VM wants of its pod's network; undefined: no tap. @throws DomainError */
export const networkWish = (vmi: VirtualMachineInstance): GuestNetworkWish | undefined => {
  const card = tapInterface(vmi);
  if (card === undefined) return undefined;
  const network = vmi.spec.networks?.find(({ name }) => name === card.name)?.pod;
  return {
    wish: {
      mac: macAddress(vmi, card),
      handOver: takesPodAddress(card),
      network: network?.vmNetworkCIDR || GUEST_NETWORK,
      network6: network?.vmIPv6NetworkCIDR || GUEST_NETWORK6,
      ports: listedPorts(card),
      queues: queuesOf(vmi, card),
    },
    hostname: hostName(vmi),
  };
};
