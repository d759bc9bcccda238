import { isRecord } from '../api/record.js';

/*
 * Where no policy has a say, so that none stops the cluster, the product, or its own repair.
 */

const SYSTEM_NAMESPACE = 'kube-system';

/** @param installNamespace where the product lives */
export const isExemptNamespace = (namespace: string | undefined, installNamespace: string): boolean =>
  namespace === SYSTEM_NAMESPACE || namespace === installNamespace;

/** Whatever a stored object holds that is being deleted, its finalizers must be removable. */
export const isBeingDeleted = (stored: unknown): boolean => {
  const metadata = isRecord(stored) ? stored['metadata'] : undefined;
  return isRecord(metadata) && metadata['deletionTimestamp'] !== undefined && metadata['deletionTimestamp'] !== null;
};
