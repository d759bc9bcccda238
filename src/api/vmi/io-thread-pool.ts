import type { VirtualMachineInstanceSpec } from '../schema/virtualmachineinstance.js';

/**
 * Threads of a supplemental I/O pool, which the pod has CPU for beside that of the vCPUs; 0 under every other policy,
 * whose threads share the vCPUs' CPU. Source: docs/reference/domain.md §2, §8.4.
 */
export const poolThreads = ({ domain: { ioThreadsPolicy, ioThreads } }: VirtualMachineInstanceSpec): number =>
  ioThreadsPolicy === 'supplementalPool' ? (ioThreads?.supplementalPoolThreadCount ?? 1) : 0;
