/** Annotations of pods, by which one speaks with Multus (network plumbing working group's specification, 1.3). */
export const MULTUS = {
  /** What a pod wants. */
  networks: 'k8s.v1.cni.cncf.io/networks',
  /** What it has in place of the cluster's own network. */
  default: 'v1.multus-cni.io/default-network',
  /** What it got. */
  status: 'k8s.v1.cni.cncf.io/network-status',
} as const;

/** KubeVirt's word in `infoSource` of an interface's status. */
export const MULTUS_STATUS = 'multus-status';
