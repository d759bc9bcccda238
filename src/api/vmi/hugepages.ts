import { Quantity, tryQuantity } from '../quantity.js';
import type { VirtualMachineInstanceSpec } from '../schema/virtualmachineinstance.js';

/** The pages of which a VM's guest memory is made, where they are not ordinary ones. */
export interface HugePages {
  readonly bytes: bigint;
  /** The node's resource: `hugepages-2Mi`. */
  readonly resource: string;
}

/** How the names of such resources begin. */
export const HUGEPAGES_RESOURCE = 'hugepages-';

/** Undefined for a VM with ordinary memory, and for a page size that cannot be read, which a rule refuses. */
export const hugePages = (spec: VirtualMachineInstanceSpec): HugePages | undefined => {
  const size = tryQuantity(spec.domain.memory?.hugepages?.pageSize);
  if (size === undefined || size.sign() <= 0) return undefined;
  const bytes = size.value();
  return { bytes, resource: `${HUGEPAGES_RESOURCE}${Quantity.of(bytes).toString()}` };
};
