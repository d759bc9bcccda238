import { present } from '../../agent-api/node-report.js';
import { KSM_OVERRIDES } from './ksm-step.js';
import type { KubeClient } from '../../kube/client/client.js';
import type { Clock } from '../../kube/clock.js';
import type { Log } from '../../kube/program/log.js';
import { nodePath } from '../../kube/client/resources.js';
import type { Node } from '../../kube/types.js';
import { Informer, type InformerMetrics } from '../../kube/watch/informer.js';

type Texts = Readonly<Record<string, string>>;

/** A Node is tens of KiB, most of it the images that it has. */
const slim = ({ metadata, status }: Node): Node => ({
  metadata: {
    name: metadata?.name,
    uid: metadata?.uid,
    resourceVersion: metadata?.resourceVersion,
    labels: metadata?.labels,
    annotations: metadata?.annotations,
  },
  status: { allocatable: status?.allocatable },
});

/**
 * This agent's Node, as it is now. Labels that the agent's own report makes count at once, before they are copied
 * there.
 */
export class NodeState {
  private readonly informer: Informer<Node>;

  constructor(
    private readonly options: {
      readonly client: Pick<KubeClient, 'list' | 'watch'>;
      readonly name: string;
      /** Labels that the report makes, null for those that it takes away. */
      readonly ownLabels: () => Readonly<Record<string, string | null>>;
      readonly clock: Clock;
      readonly log: Log;
      readonly metrics?: InformerMetrics;
    },
  ) {
    const { client, name, clock, log, metrics } = options;
    this.informer = new Informer<Node>(client, {
      path: nodePath(),
      fieldSelector: `metadata.name=${name}`,
      transform: slim,
      clock,
      log,
      ...(metrics === undefined ? {} : { metrics }),
    });
  }

  private get node(): Node | undefined {
    return this.informer.get(this.options.name);
  }

  get nodeLabels(): Texts {
    return present({ ...this.node?.metadata?.labels, ...this.options.ownLabels() });
  }

  get annotations(): Texts {
    return this.node?.metadata?.annotations ?? {};
  }

  /** Memory that the scheduler may give to pods; undefined while kubelet has not said. */
  get allocatableMemory(): string | undefined {
    return this.node?.status?.allocatable?.['memory'];
  }

  /** Calls back when an administrator may have said something new: by a label, or an annotation that settings have. */
  onChange(listener: () => void): void {
    this.informer.on('update', (node, before) => {
      const own = new Set(Object.keys(this.options.ownLabels()));
      if (said(node, own) !== said(before, own)) listener();
    });
  }

  /** Resolves when the Node was read. */
  async start(): Promise<void> {
    this.informer.start();
    await this.informer.synced;
  }

  stop(): Promise<void> {
    return this.informer.stop();
  }
}

/** Of a Node what an administrator says to us, as one text. @param own Labels that the report makes */
const said = ({ metadata }: Node, own: ReadonlySet<string>): string => {
  const { labels = {}, annotations = {} } = metadata ?? {};
  const others = Object.entries(labels).filter(([name]) => !own.has(name));
  return JSON.stringify([others.toSorted(), Object.values(KSM_OVERRIDES).map((name) => annotations[name] ?? null)]);
};
