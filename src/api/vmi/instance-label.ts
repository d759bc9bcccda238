import { createHash } from 'node:crypto';

/** The longest value of a label, and the longest name in DNS. */
export const LABEL_LENGTH = 63;

/**
 * The value of `vmi.kubevirt.io/id` on the launcher pod of a VMI, by which a Service finds it: the name itself; of a
 * longer one its beginning and a hash of the whole (docs/reference/domain.md §8.1).
 */
export const vmiId = (name: string): string => {
  if (name.length <= LABEL_LENGTH) return name;
  return `${name.slice(0, 54)}-${createHash('sha1').update(name).digest('hex').slice(0, 8)}`;
};
