import { isIP } from 'node:net';
import { canonicalMac } from '../api/mac-address.js';
import { MULTUS, MULTUS_STATUS } from '../api/multus.js';
import { isRecord } from '../api/record.js';
import type { VirtualMachineInstance } from '../api/schema/kinds.js';
import type { VirtualMachineInstanceNetworkInterface as InterfaceStatus } from '../api/schema/virtualmachineinstance-status.js';
import { attachedNetworks } from '../api/vmi/attached-networks.js';
import type { Pod } from '../kube/types.js';

/**
 * Characters: a network's entry is a few hundred. A tenant may write the annotation, and its whole length is stored.
 */
export const MAX_NETWORK_STATUS = 32 * 1024;
const MAX_ADDRESSES = 16;

const entriesOf = (text: string | undefined): Readonly<Record<string, unknown>>[] => {
  if (text === undefined || text.length > MAX_NETWORK_STATUS) return [];
  try {
    const parsed: unknown = JSON.parse(text);
    return Array.isArray(parsed) ? parsed.filter(isRecord) : [];
  } catch {
    return [];
  }
};

const addressesOf = (ips: unknown): string[] =>
  (Array.isArray(ips) ? ips.slice(0, MAX_ADDRESSES) : []).filter(
    (ip): ip is string => typeof ip === 'string' && ip.length <= 45 && isIP(ip) !== 0,
  );

/**
 * What Multus says that it attached, by which users find it. Whoever may change the pod may change this too: it is
 * shown, and nothing is decided by it. What the guest is connected to, the agent sees in the pod.
 */
export const attachedStatus = (vmi: VirtualMachineInstance, pod: Pod): InterfaceStatus[] => {
  const entries = entriesOf(pod.metadata?.annotations?.[MULTUS.status]);
  return attachedNetworks(vmi).flatMap(({ card, device }) => {
    const entry = entries.find((one) => one['interface'] === device);
    if (entry === undefined) return [];
    const [ipAddresses, mac] = [addressesOf(entry['ips']), entry['mac']];
    const canonical = typeof mac === 'string' ? canonicalMac(mac) : undefined;
    return [
      {
        name: card.name,
        podInterfaceName: device,
        infoSource: MULTUS_STATUS,
        ...(canonical === undefined ? {} : { mac: canonical }),
        ...(ipAddresses.length === 0 ? {} : { ipAddress: ipAddresses[0], ipAddresses }),
      },
    ];
  });
};
