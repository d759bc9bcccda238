/** Of annotations that reach networks and loosen confinement, where they are a pod's. */
const POWERFUL =
  /^(k8s\.v1\.cni\.cncf\.io|v1\.multus-cni\.io|(container\.)?(seccomp|apparmor)\.security\.(alpha|beta)\.kubernetes\.io)\//;

/**
 * A VMI's annotations are copied to its pod, so who writes such a one must be able to make pods; an instance type or a
 * preference has none.
 */
export const actsOnPods = (key: string): boolean => POWERFUL.test(key);
