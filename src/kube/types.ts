import type { ObjectMeta } from '../api/schema/meta.js';
import type { Condition } from '../api/vmi/condition.js';

/** What every object of the API has. Times are strings here, as they are on the wire (RFC 3339, UTC). */
export interface KubernetesObject {
  apiVersion?: string;
  kind?: string;
  metadata?: ObjectMeta;
}

/** A page of a list. `metadata.continue` is set while there is more. */
export interface KubernetesList<T> {
  apiVersion?: string;
  kind?: string;
  metadata?: { resourceVersion?: string; continue?: string; remainingItemCount?: number };
  items: T[];
}

/** The little that our programs read of a pod; the rest of it is kept but has no type. */
export interface Pod extends KubernetesObject {
  spec?: {
    nodeName?: string;
    nodeSelector?: Record<string, string>;
    containers?: {
      name: string;
      image?: string;
      resources?: { requests?: Record<string, string>; limits?: Record<string, string> };
    }[];
    [field: string]: unknown;
  };
  status?: PodStatus;
}

export interface PodStatus {
  phase?: string;
  reason?: string;
  message?: string;
  podIP?: string;
  podIPs?: { ip?: string }[];
  hostIP?: string;
  qosClass?: string;
  conditions?: Condition[];
  initContainerStatuses?: ContainerStatus[];
  containerStatuses?: ContainerStatus[];
}

/** The little that our programs read of a claim. */
export interface PersistentVolumeClaim extends KubernetesObject {
  spec?: {
    accessModes?: string[];
    volumeMode?: string;
    volumeName?: string;
    storageClassName?: string;
    resources?: { requests?: Record<string, string> };
    [field: string]: unknown;
  };
  /** Phase Pending, Bound or Lost. */
  status?: { phase?: string; capacity?: Record<string, string> };
}

export interface ContainerStatus {
  name: string;
  ready?: boolean;
  image?: string;
  imageID?: string;
  restartCount?: number;
  containerID?: string;
  state?: ContainerState;
  lastState?: ContainerState;
}

export interface ContainerState {
  waiting?: { reason?: string; message?: string };
  running?: { startedAt?: string };
  terminated?: { exitCode: number; signal?: number; reason?: string; message?: string; finishedAt?: string };
}

export interface Node extends KubernetesObject {
  spec?: { unschedulable?: boolean | undefined; taints?: { key: string; value?: string; effect: string }[] };
  status?: {
    conditions?: Condition[];
    addresses?: { type: string; address: string }[];
    allocatable?: Record<string, string> | undefined;
    capacity?: Record<string, string>;
  };
}

/** What a namespace may use in all, and uses: the amounts that count, which follow `spec` within seconds. */
export interface ResourceQuota extends KubernetesObject {
  status?: { hard?: Record<string, string> | undefined; used?: Record<string, string> | undefined };
}

/** Namespace and name as informers and queues write them: `namespace/name`, or `name` for what is cluster-wide. */
export const objectKey = (object: KubernetesObject): string => {
  const { namespace, name = '' } = object.metadata ?? {};
  return namespace ? `${namespace}/${name}` : name;
};
