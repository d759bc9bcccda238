import type { ClusterConfig } from '../api/settings/cluster-config.js';
import type { PersistentVolumeClaimInfo } from '../api/schema/volume-migration.js';

/** Everything a launcher pod depends on besides its VMI. */
export interface LauncherContext {
  readonly config: ClusterConfig;
  /** The image of the compute container and of the init container. */
  readonly launcherImage: string;
  /** The claims of the VMI's volumes, by name. One that is not there is taken to be in filesystem mode. */
  readonly claims?: ReadonlyMap<string, PersistentVolumeClaimInfo>;
  /**
   * Of the launcher image; absent: `config.imagePullPolicy`, or Kubernetes' own default. An image of `localhost` is
   * never pulled.
   */
  readonly imagePullPolicy?: 'Always' | 'IfNotPresent' | 'Never';
  /** A ResourceQuota of the namespace counts `limits.memory`: every pod must have a memory limit. */
  readonly namespaceHasMemoryQuota?: boolean;
  /**
   * A ResourceQuota of the namespace counts `limits.cpu`, or the cluster's selector for automatic limits matches it.
   */
  readonly namespaceHasCpuQuota?: boolean;
  readonly namespaceLabels?: Readonly<Record<string, string>>;
  /**
   * The cluster knows `net.ipv4.ip_unprivileged_port_start` as a safe sysctl (Kubernetes 1.22): then passt may take
   * ports below 1024 for the guest. An older kubelet would refuse the pod.
   */
  readonly unprivilegedPortsSysctl?: boolean;
  /**
   * The labels of each node of the cluster: where our seccomp profile is. Absent: not known, then it is taken to be
   * everywhere.
   */
  readonly nodes?: readonly Readonly<Record<string, string>>[];
}
