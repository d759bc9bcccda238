import type { VirtualMachineInstance } from '../../api/schema/kinds.js';
import type { Counters, DeviceCounters } from '../pod/network-devices.js';
import type { Observed, VmMetric } from './metric.js';

/** What one network card has received and sent, as its guest would say it. */
interface CardCounters {
  readonly name: string;
  readonly network: string;
  readonly receive: Counters;
  readonly transmit: Counters;
}

/** What the pod itself is connected by; a runtime names it eth0. */
const podDevice = (devices: readonly DeviceCounters[]): DeviceCounters | undefined =>
  devices.find(({ name }) => name === 'eth0');

const isOnPodNetwork = ({ spec }: VirtualMachineInstance, interfaceName: string): boolean =>
  spec.networks?.find(({ name }) => name === interfaceName)?.pod !== undefined;

/**
 * The cards of a VMI. A tap counts from the node's side, so what it receives the guest has sent. A card without one is
 * passt's: there every byte of the pod's own device is from or to the guest.
 */
const cardsOf = ({ vmi, pod, view }: Observed): CardCounters[] => {
  const devices = pod?.devices ?? [];
  return (vmi.spec.domain.devices.interfaces ?? []).flatMap(({ name }) => {
    const device = view?.xml.interfaces.find((entry) => entry.name === name)?.device;
    const tap = device === undefined ? undefined : devices.find((entry) => entry.name === device);
    if (tap !== undefined) return [{ name, network: name, receive: tap.transmit, transmit: tap.receive }];
    const own = device === undefined && isOnPodNetwork(vmi, name) ? podDevice(devices) : undefined;
    return own === undefined ? [] : [{ name, network: name, receive: own.receive, transmit: own.transmit }];
  });
};

const ofCards = (direction: 'receive' | 'transmit', suffix: string, help: string, field: keyof Counters): VmMetric => ({
  name: `kubevirt_vmi_network_${direction}_${suffix}_total`,
  help,
  kind: 'counter',
  labels: ['interface', 'network'],
  values: function* (observed) {
    for (const card of cardsOf(observed)) yield [[card.name, card.network], card[direction][field]];
  },
});

export const NETWORK_METRICS: readonly VmMetric[] = [
  ofCards('receive', 'bytes', 'Bytes that a network card of the guest received.', 'bytes'),
  ofCards('receive', 'packets', 'Packets that it received.', 'packets'),
  ofCards('receive', 'errors', 'Packets on the way to it that had errors.', 'errors'),
  ofCards('receive', 'packets_dropped', 'Packets on the way to it that were dropped.', 'drops'),
  ofCards('transmit', 'bytes', 'Bytes that a network card of the guest sent.', 'bytes'),
  ofCards('transmit', 'packets', 'Packets that it sent.', 'packets'),
  ofCards('transmit', 'errors', 'Packets from it that had errors.', 'errors'),
  ofCards('transmit', 'packets_dropped', 'Packets from it that were dropped.', 'drops'),
];
