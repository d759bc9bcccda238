import { Label } from '../api/names.js';
import { errorMessage } from '../kube/api-error.js';
import type { KubeClient } from '../kube/client.js';
import { Backoff, sleep, type Clock } from '../kube/clock.js';
import type { Log } from '../kube/log.js';
import { nodePath } from '../kube/resources.js';
import type { Node } from '../kube/types.js';

/** How often the node is looked at: its labels choose a CPU model, and ours may have been removed. */
const REFRESH_MS = 300_000;

/** This agent's node: what it says about it, and the labels others gave it. */
export class NodeState {
  private labels: Readonly<Record<string, string>> = {};
  private readonly stopping = new AbortController();
  private running: Promise<void> | undefined;

  constructor(
    private readonly options: {
      readonly client: Pick<KubeClient, 'get' | 'patch'>;
      readonly name: string;
      /** Labels besides `kubevirt.io/schedulable`; asked each time, because a kernel module may be loaded anew. */
      readonly hostLabels: () => Readonly<Record<string, string>>;
      readonly clock: Clock;
      readonly log: Log;
    },
  ) {}

  get nodeLabels(): Readonly<Record<string, string>> {
    return this.labels;
  }

  /** Publishes the labels and keeps them; resolves when it was done once. */
  async start(): Promise<void> {
    const backoff = new Backoff(this.options.clock, 500, 30_000);
    while (!this.stopping.signal.aborted) {
      try {
        await this.refresh();
        break;
      } catch (error) {
        this.options.log.warn({ error: errorMessage(error) }, 'node labels not published, trying again');
        await sleep(this.options.clock, backoff.next(), this.stopping.signal);
      }
    }
    this.running = this.keep();
  }

  private async keep(): Promise<void> {
    for (;;) {
      await sleep(this.options.clock, REFRESH_MS, this.stopping.signal);
      if (this.stopping.signal.aborted) return;
      try {
        await this.refresh();
      } catch (error) {
        this.options.log.warn({ error: errorMessage(error) }, 'node not read');
      }
    }
  }

  /** One read, and a write only when a label of ours is not as it should be. */
  private async refresh(): Promise<void> {
    const path = nodePath(this.options.name);
    const node = await this.options.client.get<Node>(path);
    this.labels = node.metadata?.labels ?? {};
    const wanted = { [Label.schedulable]: 'true', ...this.options.hostLabels() };
    if (Object.entries(wanted).every(([label, value]) => this.labels[label] === value)) return;
    await this.options.client.patch(path, { metadata: { labels: wanted } }, 'strategic');
    this.labels = { ...this.labels, ...wanted };
  }

  /** The agent goes for good (its node is drained of it): no new VMs should come here. VMs that run stay. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }
}
