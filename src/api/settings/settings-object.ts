import type { ObjectMeta } from '../schema/meta.js';

/**
 * The KubeVirt object whose settings hold. Admission lets only one be made, under any name; of several that came about
 * while it was away, the first in the alphabet counts: for all our programs the same.
 */
export const settingsObject = <T extends { readonly metadata?: ObjectMeta | undefined }>(
  objects: readonly T[],
): T | undefined => {
  const name = (object: T): string => object.metadata?.name ?? '';
  return objects.reduce<T | undefined>(
    (first, object) => (first === undefined || name(object) < name(first) ? object : first),
    undefined,
  );
};
