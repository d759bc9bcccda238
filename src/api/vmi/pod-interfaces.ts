import type { VirtualMachineInstance } from '../schema/kinds.js';
import type { Interface } from '../schema/networks.js';

type Spec = VirtualMachineInstance['spec'];

/** Whether it writes no card, and gets one. */
export const isAutomatic = ({ domain: { devices }, networks = [] }: Spec): boolean =>
  (devices.interfaces ?? []).length === 0 && devices.autoattachPodInterface !== false && networks.length === 0;

/** The cards that reach the pod's network; a VM that writes none gets one. */
export const podInterfaces = (spec: Spec): readonly Interface[] => {
  if (isAutomatic(spec)) return [{ name: 'default' }];
  const { domain, networks = [] } = spec;
  const { interfaces = [] } = domain.devices;
  const pod = new Set(networks.filter((network) => network.pod !== undefined).map(({ name }) => name));
  return interfaces.filter(({ name, state }) => pod.has(name) && state !== 'absent');
};
