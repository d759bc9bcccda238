import { parseQuantity, type Quantity } from '../api/quantity.js';
import type { VirtualMachineInstance } from '../api/schema/kinds.js';

/** A resource of the VMI; zero counts as absent. */
export const resource = (
  vmi: VirtualMachineInstance,
  kind: 'requests' | 'limits',
  name: string,
): Quantity | undefined => {
  const text = vmi.spec.domain.resources?.[kind]?.[name];
  if (text === undefined) return undefined;
  const quantity = parseQuantity(text);
  return quantity.isZero() ? undefined : quantity;
};

/**
 * Whether the pod is to be of QoS class Guaranteed: memory is limited to what is requested, the overhead is not
 * overcommitted, and the CPU is either not mentioned or limited to its request. Source: spec/density-and-cpu.md §5.4.
 */
export const wantsGuaranteed = (vmi: VirtualMachineInstance): boolean => {
  const limit = resource(vmi, 'limits', 'memory');
  const request = resource(vmi, 'requests', 'memory') ?? limit;
  if (limit === undefined || request?.equals(limit) !== true) return false;
  if (vmi.spec.domain.resources?.overcommitGuestOverhead === true) return false;
  const cpuLimit = resource(vmi, 'limits', 'cpu');
  const cpuRequest = resource(vmi, 'requests', 'cpu') ?? cpuLimit;
  return cpuLimit === undefined ? cpuRequest === undefined : cpuRequest?.equals(cpuLimit) === true;
};
