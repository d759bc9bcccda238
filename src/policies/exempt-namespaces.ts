/*
 * Where no policy has a say, so that none stops the cluster, the product, or its own repair.
 */

const SYSTEM_NAMESPACE = 'kube-system';

/** @param installNamespace where the product lives */
export const isExemptNamespace = (namespace: string | undefined, installNamespace: string): boolean =>
  namespace === SYSTEM_NAMESPACE || namespace === installNamespace;
