import { memoryHotplugObstacle } from '../api/vmi/memory-hotplug.js';
import type { ClusterConfig } from '../api/settings/cluster-config.js';
import { Quantity } from '../api/quantity.js';
import type { VirtualMachineInstanceSpec } from '../api/schema/virtualmachineinstance.js';
import type { MutationStep } from './mutation.js';
import { readNonZero, readQuantity } from './quantities.js';

export const guestMemory: MutationStep = {
  id: 'mut.guest-memory',
  summary: '`memory.guest` becomes the memory request, else the limit, else one huge page.',
  apply: ({ spec }) => {
    const { resources } = spec.domain;
    const memory = (spec.domain.memory ??= {});
    if (memory.guest !== undefined) return;
    const candidates = [resources?.requests?.['memory'], resources?.limits?.['memory'], memory.hugepages?.pageSize];
    const guest = candidates.find((candidate) => readNonZero(candidate) !== undefined);
    if (guest !== undefined) memory.guest = guest;
  },
};

const maxGuestCandidate = (guest: string | number, config: ClusterConfig): string | undefined => {
  const { maxGuest, maxHotplugRatio } = config.liveUpdate;
  if (maxGuest !== undefined) return maxGuest.toString();
  const quantity = readQuantity(guest);
  return quantity && Quantity.of(quantity.value() * BigInt(maxHotplugRatio)).toString();
};

const hotplugCandidate = (spec: VirtualMachineInstanceSpec, config: ClusterConfig): string | undefined => {
  const guest = spec.domain.memory?.guest;
  const candidate = guest === undefined ? undefined : maxGuestCandidate(guest, config);
  if (candidate === undefined || memoryHotplugObstacle(spec, candidate) !== undefined) return undefined;
  return candidate;
};

export const memoryHotplug: MutationStep = {
  id: 'mut.hotplug-memory',
  summary:
    '`memory.maxGuest` leaves room for memory hotplug where the VM can have it (rollout strategy LiveUpdate, not on arm64).',
  apply: ({ spec }, { config }) => {
    const { memory } = spec.domain;
    if (config.vmRolloutStrategy !== 'LiveUpdate' || spec.architecture === 'arm64') return;
    if (memory === undefined || memory.maxGuest !== undefined) return;
    const maxGuest = hotplugCandidate(spec, config);
    if (maxGuest !== undefined) memory.maxGuest = maxGuest;
  },
};
