import type { ClusterConfig } from '../api/settings/cluster-config.js';
import type { VirtualMachine, VirtualMachineInstance, VirtualMachineInstanceReplicaSet } from '../api/schema/kinds.js';
import type { DataVolume } from '../api/schema/datavolume.js';
import type { KubeClient } from '../kube/client/client.js';
import type { Clock } from '../kube/clock.js';
import type { EventRecorder } from '../kube/events.js';
import type { Informer } from '../kube/watch/informer.js';
import type { Log } from '../kube/program/log.js';
import { mergePatch } from '../kube/client/patch.js';
import type { DataVolumeProvider } from './data-volumes/api.js';
import type { KubernetesObject, Node, PersistentVolumeClaim } from '../kube/types.js';
import type { TemplateAuthorizer } from './data-volumes/authorization.js';
import type { SlimPod } from './cache-transforms.js';

/** What of an informer a reconciler reads; a test gives a store. */
export type Cache<T extends KubernetesObject> = Pick<Informer<T>, 'get' | 'list' | 'byIndex'>;

export interface Caches {
  vms: Cache<VirtualMachine>;
  vmis: Cache<VirtualMachineInstance>;
  replicaSets: Cache<VirtualMachineInstanceReplicaSet>;
  /** Everything that says of itself that it is a launcher pod (`launcher-identity.ts` tells which are). */
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
  /** Whether a DataVolume is made on a user's word. */
  authorizer: Pick<TemplateAuthorizer, 'authorize'>;
  /** The cluster's settings as they are now. */
  config: () => ClusterConfig;
  settings: ControllerSettings;
  clock: Clock;
  log: Log;
  superseded: Superseded;
}

/** A cache that is behind for longer than this is not behind: a restored etcd counts its versions anew. */
const SUPERSEDED_MS = 30_000;

/**
 * Versions of objects that our own writes have replaced. A cache that still shows one of them is behind: acting on it
 * would repeat the write, only to be refused with a conflict.
 */
export class Superseded {
  private readonly objects = new Map<string, { versions: Set<string>; at: number }>();

  constructor(private readonly clock: Pick<Clock, 'now'>) {}

  mark({ metadata }: KubernetesObject): void {
    const { uid = '', resourceVersion = '' } = metadata ?? {};
    const versions = this.objects.get(uid)?.versions ?? new Set();
    this.objects.set(uid, { versions: versions.add(resourceVersion), at: this.clock.now() });
  }

  /** Forgets the object when it is not behind any more. */
  has({ metadata }: KubernetesObject): boolean {
    const { uid = '', resourceVersion = '' } = metadata ?? {};
    const known = this.objects.get(uid);
    if (!known) return false;
    const behind = known.versions.has(resourceVersion) && this.clock.now() - known.at < SUPERSEDED_MS;
    if (!behind) this.objects.delete(uid);
    return behind;
  }

  forget({ metadata }: KubernetesObject): void {
    this.objects.delete(metadata?.uid ?? '');
  }
}

/** When to look again if the watch does not bring the newer version first. */
export const BEHIND = { requeueAfterMs: 1_000 } as const;

/** Names of the informers' indices. */
export const Index = {
  launcherPod: 'launcher-pod',
  owner: 'owner',
  node: 'node',
  template: 'template',
  claim: 'claim',
} as const;

interface Patchable extends KubernetesObject {
  status?: object;
}

/**
 * One merge patch with what differs in metadata and status, or none when nothing does. It names the resource version
 * that the decision was made on, because lists are replaced whole: a writer that came in between makes it a conflict.
 */
export const patchDifference = async <T extends Patchable>(
  context: Pick<ControllerContext, 'client' | 'superseded'>,
  path: string,
  before: T,
  after: T,
): Promise<T> => {
  const difference = mergePatch(
    { metadata: before.metadata, status: before.status },
    { metadata: after.metadata, status: after.status },
  );
  if (!difference) return before;
  const { resourceVersion } = before.metadata ?? {};
  const metadata = { ...(difference.metadata as object | undefined), resourceVersion };
  const result = await context.client.patch<T>(path, { ...difference, metadata }, 'merge');
  if (result.metadata?.resourceVersion !== resourceVersion) context.superseded.mark(before);
  return result;
};
