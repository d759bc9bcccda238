import type { ClusterConfig } from '../settings/cluster-config.js';
import { parseQuantity, Quantity } from '../quantity.js';
import type { VirtualMachineInstanceSpec } from '../schema/virtualmachineinstance.js';
import { poolThreads } from './io-thread-pool.js';

/* What a VM asks its node for, as far as both the launcher pod and admission's warnings have to know. */

/** A resource of the VMI; zero counts as absent. */
export const resource = (
  spec: VirtualMachineInstanceSpec,
  kind: 'requests' | 'limits',
  name: string,
): Quantity | undefined => {
  const text = spec.domain.resources?.[kind]?.[name];
  if (text === undefined) return undefined;
  const quantity = parseQuantity(text);
  return quantity.isZero() ? undefined : quantity;
};

/** Memory is limited to what is requested, the first condition of class Guaranteed. */
export const memoryIsLimitedToRequest = (spec: VirtualMachineInstanceSpec): boolean => {
  const limit = resource(spec, 'limits', 'memory');
  const request = resource(spec, 'requests', 'memory') ?? limit;
  return limit !== undefined && request?.equals(limit) === true;
};

/** The CPU is either not mentioned or limited to its request, the second one. */
export const cpuIsLimitedToRequest = (spec: VirtualMachineInstanceSpec): boolean => {
  const limit = resource(spec, 'limits', 'cpu');
  const request = resource(spec, 'requests', 'cpu') ?? limit;
  return limit === undefined ? request === undefined : request?.equals(limit) === true;
};

/**
 * Whether the pod is to be of QoS class Guaranteed: memory is limited to what is requested, the overhead is not
 * overcommitted, and the CPU is either not mentioned or limited to its request. Source:
 * docs/reference/density-and-cpu.md §5.4.
 */
export const wantsGuaranteed = (spec: VirtualMachineInstanceSpec): boolean =>
  // kubelet gives CPUs exclusively to Guaranteed pods only.
  spec.domain.cpu?.dedicatedCpuPlacement === true ||
  (memoryIsLimitedToRequest(spec) &&
    spec.domain.resources?.overcommitGuestOverhead !== true &&
    cpuIsLimitedToRequest(spec));

/**
 * The CPU of a VM that is not overcommitted: one for each of so many vCPUs and for each thread of a supplemental pool.
 */
export const wholeCpu = (spec: VirtualMachineInstanceSpec, vcpus: number): Quantity =>
  Quantity.ofMilli((vcpus + poolThreads(spec)) * 1000);

/**
 * The CPU that the pod of a VM of so many vCPUs requests: its own request, else its limit, else all of them for class
 * Guaranteed, else the cluster's `cpuRequest`, else the vCPUs and the threads of a supplemental pool divided by the
 * allocation ratio (docs/reference/density-and-cpu.md §8.2).
 */
export const cpuRequest = (spec: VirtualMachineInstanceSpec, config: ClusterConfig, vcpus: number): Quantity => {
  const asked = resource(spec, 'requests', 'cpu') ?? resource(spec, 'limits', 'cpu');
  if (asked !== undefined) return asked;
  if (wantsGuaranteed(spec)) return wholeCpu(spec, vcpus);
  const ratio = config.cpuAllocationRatio > 0 ? config.cpuAllocationRatio : 1;
  return config.cpuRequest ?? Quantity.ofMilli(Math.ceil(((vcpus + poolThreads(spec)) * 1000) / ratio));
};
