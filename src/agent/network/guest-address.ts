import { isIPv4, isIPv6 } from 'node:net';
import type { GuestPort } from '../../agent-api/forward.js';
import { badRequest, conflict } from '../../agent-api/status-error.js';
import type { VirtualMachineInstance } from '../../api/schema/kinds.js';
import { isForwarded, listedPorts, USUAL_PORTS } from '../../api/vmi/forwarded-ports.js';
import {
  GUEST_NETWORK,
  GUEST_NETWORK6,
  guestNetwork,
  podInterface,
  TAP,
  takesPodAddress,
  usesTap,
} from '../../api/vmi/guest-network.js';

/** Where a guest is reached from inside its pod's network namespace. */
export interface GuestAddress {
  readonly address: string;
  /** The device that the way there must lead by: what goes by another does not go to the guest. */
  readonly device: string;
}

const LOOPBACK = 'lo';

/**
 * The guest's address on the pod network. By a tap every port is the guest's; passt has the ports that it listens on.
 * @param vmi its addresses are what virt-controller wrote of the pod
 * @throws StatusError 400 where there is none, 409 where it is not known yet
 */
export const guestAddress = (vmi: VirtualMachineInstance, port: GuestPort): GuestAddress => {
  const name = vmi.metadata?.name ?? '';
  const card = podInterface(vmi);
  if (card === undefined) throw badRequest(`no network interfaces are present on the pod network of "${name}"`);
  const found = vmi.status?.interfaces?.find((one) => one.name === card.name);
  const addresses = [found?.ipAddress, ...(found?.ipAddresses ?? [])].filter((one) => one !== undefined);
  const pod = addresses.find((one) => isIPv4(one)) ?? addresses.find((one) => isIPv6(one));
  if (pod === undefined) throw conflict('virtualmachineinstances', name, 'the address of its pod is not known yet');
  if (takesPodAddress(card)) return { address: pod, device: TAP };
  if (usesTap(card)) {
    const network = vmi.spec.networks?.find((one) => one.name === card.name)?.pod;
    const own = isIPv4(pod) ? network?.vmNetworkCIDR || GUEST_NETWORK : network?.vmIPv6NetworkCIDR || GUEST_NETWORK6;
    return { address: guestNetwork(own).guest, device: TAP };
  }
  if (!isForwarded(card, port.protocol.toUpperCase(), port.port))
    throw notOfPasst(card.name, port, listedPorts(card).length > 0);
  return { address: pod, device: LOOPBACK };
};

const notOfPasst = (name: string, { protocol, port }: GuestPort, lists: boolean) => {
  const usual = USUAL_PORTS.map(({ start, end }) => `${start}-${end}`).join(' and ');
  const has = lists ? 'its ports do not list it' : `without ports it forwards ${usual}`;
  return badRequest(
    `${protocol.toUpperCase()} port ${port} does not reach the guest by passtBinding of the interface "${name}": ${has}; list it in interfaces[].ports and restart the VM`,
  );
};
