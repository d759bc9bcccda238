import { Quantity, tryQuantity } from '../api/quantity.js';
import type { ResourceQuota } from '../kube/types.js';

/** What is left of a resource; undefined: the quota says nothing about it, or nothing that can be read. */
const left = ({ status }: ResourceQuota, name: string): Quantity | undefined => {
  const [hard, used] = [tryQuantity(status?.hard?.[name]), tryQuantity(status?.used?.[name] ?? '0')];
  return hard === undefined || used === undefined ? undefined : hard.sub(used);
};

/**
 * Whether there is more room than before, so that who was refused may try again. A pod that is made takes room: it
 * wakes nobody, or a thousand VMs that wait would all ask at each start of one.
 */
export const hasGrown = (now: ResourceQuota, before: ResourceQuota): boolean =>
  Object.keys(before.status?.hard ?? {}).some((name) => {
    const [more, less] = [left(now, name), left(before, name)];
    return more === undefined || (less !== undefined && more.compare(less) > 0);
  });
