import { AGENT_ACCOUNT, type NodeOfPod } from '../../agent-api/token.js';
import { Label } from '../../api/names.js';
import type { KubeClient } from '../../kube/client/client.js';
import { Informer, type InformerMetrics } from '../../kube/watch/informer.js';
import type { Log } from '../../kube/program/log.js';
import { podPath } from '../../kube/client/resources.js';
import type { Pod } from '../../kube/types.js';

/**
 * On which node each agent's pod runs. A token that the API server accepts for our service account names its pod with
 * the uid, and such a token is made for a pod of that account in our namespace only; so the pod is believed, and the
 * node that it is bound to.
 */
export class AgentPods {
  private readonly pods: Informer<Pod>;

  constructor(
    client: Pick<KubeClient, 'list' | 'watch'>,
    private readonly namespace: string,
    options: { readonly log: Log; readonly metrics: InformerMetrics },
  ) {
    this.pods = new Informer<Pod>(client, {
      ...options,
      path: podPath(namespace),
      labelSelector: `${Label.app}=${AGENT_ACCOUNT}`,
      transform: ({ metadata: { name, namespace: where, uid, resourceVersion } = {}, spec }) => ({
        metadata: { name, namespace: where, uid, resourceVersion },
        spec: { nodeName: spec?.nodeName },
      }),
    });
  }

  readonly nodeOf: NodeOfPod = ({ name, uid }) => {
    const pod = this.pods.get(`${this.namespace}/${name}`);
    return pod?.metadata?.uid === uid ? pod.spec?.nodeName : undefined;
  };

  get hasSynced(): boolean {
    return this.pods.hasSynced;
  }

  /** Reports that pods have changed: a request of an agent whose pod was not known can be checked again. */
  onAdd(callback: () => void): void {
    this.pods.on('add', callback);
    this.pods.on('update', callback);
  }

  start(): void {
    this.pods.start();
  }

  stop(): Promise<void> {
    return this.pods.stop();
  }
}
