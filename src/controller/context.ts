import type { ClusterConfig } from '../api/settings/cluster-config.js';
import type { VirtualMachine, VirtualMachineInstance, VirtualMachineInstanceReplicaSet } from '../api/schema/kinds.js';
import type { DataVolume } from '../api/schema/datavolume.js';
import type { KubeClient } from '../kube/client/client.js';
import type { Clock } from '../kube/clock.js';
import type { EventRecorder } from '../kube/events.js';
import type { InstancetypeWatch } from '../kube/watch/instancetype-watch.js';
import type { Informer } from '../kube/watch/informer.js';
import type { Log } from '../kube/program/log.js';
import type { DataVolumeProvider } from './data-volumes/api.js';
import type { KubernetesObject, Node, PersistentVolumeClaim } from '../kube/types.js';
import type { TemplateAuthorizer } from './data-volumes/authorization.js';
import type { SlimPod } from './cache-transforms.js';
import type { Superseded } from './superseded.js';
import type { NodeRoom } from './vmi/node-room.js';

/** What of an informer a reconciler reads; a test gives a store. */
export type Cache<T extends KubernetesObject> = Pick<Informer<T>, 'get' | 'list' | 'byIndex'>;

export interface Caches {
  vms: Cache<VirtualMachine>;
  vmis: Cache<VirtualMachineInstance>;
  replicaSets: Cache<VirtualMachineInstanceReplicaSet>;
  /** Every pod that claims to be a launcher pod (`launcher-identity.ts` decides which ones are). */
  pods: Cache<SlimPod>;
  nodes: Cache<Node>;
  claims: Cache<PersistentVolumeClaim>;
}

/** The cluster's DataVolumes; none while nobody serves them. */
export interface DataVolumes {
  readonly provider: DataVolumeProvider;
  get(key: string): DataVolume | undefined;
  list(namespace?: string): DataVolume[];
}

export interface ControllerSettings {
  /** Image of the compute container. */
  launcherImage: string;
  imagePullPolicy?: 'Always' | 'IfNotPresent' | 'Never' | undefined;
  /** Launcher images of earlier versions, whose VMs may still run. */
  earlierLauncherImages?: readonly string[] | undefined;
  /** The cluster is 1.22 or newer (see LauncherContext). */
  unprivilegedPortsSysctl?: boolean | undefined;
  /** Where importers are asked how far they are; for tests. */
  progressPort?: number | undefined;
}

/** What every reconciler works with. */
export interface ControllerContext {
  client: Pick<KubeClient, 'get' | 'list' | 'create' | 'patch' | 'delete'>;
  recorder: Pick<EventRecorder, 'event'>;
  caches: Caches;
  dataVolumes: DataVolumes;
  /** Instance types, preferences and what VMs keep of them. */
  instancetypes: Pick<InstancetypeWatch, 'object' | 'revision' | 'revisionsOf' | 'isComplete' | 'hasSynced' | 'volume'>;
  /** Whether a DataVolume is made at a user's request. */
  authorizer: Pick<TemplateAuthorizer, 'authorize'>;
  /** The cluster's settings as they are now. */
  config: () => ClusterConfig;
  settings: ControllerSettings;
  clock: Clock;
  log: Log;
  superseded: Superseded;
  /** How much the nodes have free. */
  nodeRoom: Pick<NodeRoom, 'describe'>;
}
