import { Label } from '../api/names.js';
import type { VirtualMachineInstance } from '../api/schema/kinds.js';
import { chosenUuid } from '../api/vmi/chosen-uuid.js';
import type { LauncherContext } from './pod-input.js';

/* Two guests with one SMBIOS UUID run on two nodes: software that knows a machine by it would take them for one. */

/** The label of a pod whose VM's UUID a user chose. */
export const uuidLabel = (vmi: VirtualMachineInstance): Record<string, string> => {
  const uuid = chosenUuid(vmi);
  return uuid === undefined ? {} : { [Label.systemUuid]: uuid };
};

/**
 * The VM's own affinity, and that no other launcher pod with its UUID is on the node, of whatever namespace. Only
 * launcher pods count: where Kubernetes' policy guards that label (1.30), no pod of a tenant's own making does. Before
 * 1.22 a term reaches its own namespace only, and an unknown field would make the pod another one than was asked for.
 */
export const affinityOf = (
  vmi: VirtualMachineInstance,
  { unprivilegedPortsSysctl: since122 = false }: LauncherContext,
): VirtualMachineInstance['spec']['affinity'] => {
  const { affinity } = vmi.spec;
  const uuid = chosenUuid(vmi);
  if (uuid === undefined) return affinity;
  const others = affinity?.podAntiAffinity;
  const apart = {
    labelSelector: { matchLabels: { [Label.app]: 'virt-launcher', [Label.systemUuid]: uuid } },
    ...(since122 ? { namespaceSelector: {} } : {}),
    topologyKey: 'kubernetes.io/hostname',
  };
  const required = [...(others?.requiredDuringSchedulingIgnoredDuringExecution ?? []), apart];
  return { ...affinity, podAntiAffinity: { ...others, requiredDuringSchedulingIgnoredDuringExecution: required } };
};
