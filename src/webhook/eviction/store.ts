import { Annotation, Label } from '../../api/names.js';
import { errorMessage } from '../../kube/client/api-error.js';
import type { KubeClient } from '../../kube/client/client.js';
import { Informer, type InformerMetrics } from '../../kube/watch/informer.js';
import type { Log } from '../../kube/program/log.js';
import { podPath, vmiPath } from '../../kube/client/resources.js';
import type { KubernetesObject, Pod } from '../../kube/types.js';
import { HOTPLUG, LAUNCHER, type EvictionDecision, type EvictionInstance, type EvictionSubject } from './decision.js';

/** Where the eviction route looks things up and marks a VMI. */
export interface EvictionStore {
  readonly filled: boolean;
  /** The pod of this name, and the VMI that it belongs to. */
  subject(namespace: string, podName: string): EvictionSubject;
  /** Resolves to why it could not be written; undefined: it was. */
  mark(decision: EvictionDecision & { readonly do: 'mark' }): Promise<string | undefined>;
}

type Instance = EvictionInstance & KubernetesObject;

/**
 * Well below the 5 s that the API server gives the webhook (manifests/admission.yaml): after those the eviction would
 * be allowed as if nothing had refused it.
 */
export const MARK_TIMEOUT_MS = 3_000;

/** What a decision reads of a pod: some hundred bytes instead of some thousand. */
const slimPod = ({ metadata = {}, spec, status }: Pod): Pod => {
  const { name, namespace, uid, resourceVersion, ownerReferences, labels = {}, annotations = {} } = metadata;
  const pick = (from: Readonly<Record<string, string>>, ...keys: string[]): Record<string, string> =>
    Object.fromEntries(keys.flatMap((key) => (from[key] === undefined ? [] : [[key, from[key]]])));
  return {
    metadata: {
      name,
      namespace,
      uid,
      resourceVersion,
      ownerReferences,
      labels: pick(labels, Label.app, Label.createdBy),
      annotations: pick(annotations, Annotation.domain),
    },
    spec: { nodeName: spec?.nodeName },
    status: { phase: status?.phase },
  };
};

const slimInstance = ({ metadata = {}, spec, status }: Instance): Instance => {
  const { name, namespace, uid, resourceVersion, deletionTimestamp, ownerReferences } = metadata;
  return {
    metadata: { name, namespace, uid, resourceVersion, deletionTimestamp, ownerReferences },
    spec: { evictionStrategy: spec.evictionStrategy },
    status: {
      nodeName: status?.nodeName,
      evacuationNodeName: status?.evacuationNodeName,
      launcherPod: status?.launcherPod,
      conditions: status?.conditions?.filter(({ type }) => type === 'LiveMigratable'),
    },
  };
};

/** The pods of VMs and the VMIs of the whole cluster, kept current by two watches: an eviction reads nothing else. */
export class KubeEvictionStore implements EvictionStore {
  private readonly pods: Informer<Pod>;
  private readonly vmis: Informer<Instance>;

  constructor(
    private readonly client: Pick<KubeClient, 'list' | 'watch' | 'patch'>,
    options: { readonly log: Log; readonly metrics: InformerMetrics },
  ) {
    this.pods = new Informer<Pod>(client, {
      ...options,
      path: podPath(),
      labelSelector: `${Label.app} in (${LAUNCHER},${HOTPLUG})`,
      transform: slimPod,
    });
    this.vmis = new Informer<Instance>(client, { ...options, path: vmiPath(), transform: slimInstance });
  }

  start(): void {
    this.pods.start();
    this.vmis.start();
  }

  async stop(): Promise<void> {
    await Promise.all([this.pods.stop(), this.vmis.stop()]);
  }

  get filled(): boolean {
    return this.pods.hasSynced && this.vmis.hasSynced;
  }

  subject(namespace: string, podName: string): EvictionSubject {
    const pod = this.pods.get(`${namespace}/${podName}`);
    if (pod === undefined) return {};
    const [first] = pod.metadata?.ownerReferences ?? [];
    const owner =
      pod.metadata?.labels?.[Label.app] === HOTPLUG ? this.pods.get(`${namespace}/${first?.name ?? ''}`) : undefined;
    const vmiName = (owner ?? pod).metadata?.annotations?.[Annotation.domain];
    return { pod, owner, vmi: vmiName === undefined ? undefined : this.vmis.get(`${namespace}/${vmiName}`) };
  }

  async mark({
    namespace,
    name,
    mark,
    dryRun,
  }: EvictionDecision & { readonly do: 'mark' }): Promise<string | undefined> {
    const query = dryRun ? { dryRun: 'All' } : {};
    // The signal bounds the client's own patience with a busy API server, too.
    const limits = { timeoutMs: MARK_TIMEOUT_MS, signal: AbortSignal.timeout(MARK_TIMEOUT_MS) };
    try {
      await this.client.patch(vmiPath(namespace, name), mark, 'merge', { query, ...limits });
      return undefined;
    } catch (error) {
      return errorMessage(error);
    }
  }
}
