import { MULTUS } from '../api/multus.js';
import type { ObjectMeta } from '../api/schema/meta.js';
import type { Node, PersistentVolumeClaim, Pod, ResourceQuota } from '../kube/types.js';
import { podDigest } from '../launcher/index.js';
import { MAX_NETWORK_STATUS } from './network-status.js';

/* What the decisions read of objects that are not ours; a thousand whole launcher pods would be tens of megabytes. */

const slimMetadata = (metadata: ObjectMeta | undefined): ObjectMeta => ({
  name: metadata?.name,
  namespace: metadata?.namespace,
  uid: metadata?.uid,
  resourceVersion: metadata?.resourceVersion,
  deletionTimestamp: metadata?.deletionTimestamp,
  deletionGracePeriodSeconds: metadata?.deletionGracePeriodSeconds,
  creationTimestamp: metadata?.creationTimestamp,
  labels: metadata?.labels,
  ownerReferences: metadata?.ownerReferences,
});

/** Of the annotations only what Multus says. */
const networkStatus = (metadata: ObjectMeta | undefined): Pick<ObjectMeta, 'annotations'> => {
  const text = metadata?.annotations?.[MULTUS.status];
  return text === undefined || text.length > MAX_NETWORK_STATUS ? {} : { annotations: { [MULTUS.status]: text } };
};

/** A pod with a digest of what matters of its spec (src/launcher/pod-essence.ts) in the place of most of it. */
export interface SlimPod extends Pod {
  readonly specDigest: string;
}

export const slimPod = ({ apiVersion, kind, metadata, spec, status }: Pod): SlimPod => ({
  apiVersion,
  kind,
  metadata: { ...slimMetadata(metadata), ...networkStatus(metadata) },
  spec: {
    nodeName: spec?.nodeName,
    nodeSelector: spec?.nodeSelector,
    containers: spec?.containers?.map(({ name, image, resources }) => ({ name, image, resources })),
  },
  status,
  specDigest: podDigest(spec),
});

export const slimClaim = ({
  apiVersion,
  kind,
  metadata,
  spec,
  status,
}: PersistentVolumeClaim): PersistentVolumeClaim => ({
  apiVersion,
  kind,
  metadata: { ...slimMetadata(metadata), annotations: metadata?.annotations },
  spec,
  status: { phase: status?.phase, capacity: status?.capacity },
});

/** What is free changes with every pod, and is asked for when somebody wants to know. */
export const slimNode = ({ metadata, spec, status }: Node): Node => ({
  metadata,
  spec: { unschedulable: spec?.unschedulable },
  status: { allocatable: status?.allocatable },
});

export const slimQuota = ({ metadata, status }: ResourceQuota): ResourceQuota => ({
  metadata: slimMetadata(metadata),
  status: { hard: status?.hard, used: status?.used },
});
