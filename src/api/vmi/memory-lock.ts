import type { ClusterConfig } from '../settings/cluster-config.js';
import type { VirtualMachineInstanceSpec } from '../schema/virtualmachineinstance.js';
import { guestMemory } from './guest-size.js';
import { hugePages } from './hugepages.js';
import { resource, wantsGuaranteed } from './qos.js';

export const MEM_LOCK_FIELD = 'spec.domain.memory.reservedOverhead.memLock';
export const MEMORY_LOCKING_SETTING = 'configuration.memoryLocking of the KubeVirt object';

/**
 * Who asks that the memory of a VM be locked: the VM itself, or the cluster for all, or for those that swap would hurt.
 */
export type MemoryLockAsker = 'VM' | 'Always' | 'Auto';

/** The node sets aside less than what the guest was given: locking its memory would take what nobody was promised. */
export const overcommitsMemory = (spec: VirtualMachineInstanceSpec): boolean => {
  const { overcommitGuestOverhead } = spec.domain.resources ?? {};
  const request = resource(spec, 'requests', 'memory') ?? resource(spec, 'limits', 'memory');
  return overcommitGuestOverhead === true || (request !== undefined && guestMemory(spec) > request.value());
};

/**
 * Who asks for locked memory; undefined: nobody. Huge pages are never swapped, so no policy is about them. `Auto` is
 * for VMs of class Guaranteed, and for nodes that have swap: elsewhere nothing is paged out. Source:
 * docs/reference/density-and-cpu.md §5.5.
 */
export const memoryLockAsker = (
  spec: VirtualMachineInstanceSpec,
  { memoryLocking }: Pick<ClusterConfig, 'memoryLocking'>,
): MemoryLockAsker | undefined => {
  const own = spec.domain.memory?.reservedOverhead?.memLock;
  if (own === 'Required') return 'VM';
  if (own !== undefined || hugePages(spec) !== undefined || memoryLocking === 'Never') return undefined;
  if (memoryLocking === 'Always') return 'Always';
  return wantsGuaranteed(spec) && !overcommitsMemory(spec) ? 'Auto' : undefined;
};

/** Whether the VM's pod is limited to what it requests, so that no more than that can be locked. */
export const isLimitedForLock = (
  spec: VirtualMachineInstanceSpec,
  config: Pick<ClusterConfig, 'memoryLocking'>,
): boolean => {
  const asker = memoryLockAsker(spec, config);
  return asker === 'VM' || (asker === 'Always' && !overcommitsMemory(spec));
};
