import { present } from '../../agent-api/node-report.js';
import { errorMessage } from '../../kube/client/api-error.js';
import type { KubeClient } from '../../kube/client/client.js';
import { Backoff, sleep, type Clock } from '../../kube/clock.js';
import type { Log } from '../../kube/program/log.js';
import { nodePath } from '../../kube/client/resources.js';
import type { Node } from '../../kube/types.js';

/** How often the node is looked at: its labels choose a CPU model. */
const REFRESH_MS = 300_000;

/**
 * The labels of this agent's node. Those that the agent's own report makes count at once, before they are copied there.
 */
export class NodeState {
  private labels: Readonly<Record<string, string>> = {};
  private readonly stopping = new AbortController();
  private running: Promise<void> | undefined;

  constructor(
    private readonly options: {
      readonly client: Pick<KubeClient, 'get'>;
      readonly name: string;
      /** Labels that the report makes, null for those that it takes away. */
      readonly ownLabels: () => Readonly<Record<string, string | null>>;
      readonly clock: Clock;
      readonly log: Log;
    },
  ) {}

  get nodeLabels(): Readonly<Record<string, string>> {
    return this.labels;
  }

  /** Reads the labels, and again from time to time; resolves when it was done once. */
  async start(): Promise<void> {
    const backoff = new Backoff(this.options.clock, 500, 30_000);
    while (!this.stopping.signal.aborted) {
      try {
        await this.refresh();
        break;
      } catch (error) {
        this.options.log.warn({ error: errorMessage(error) }, 'node not read, trying again');
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

  private async refresh(): Promise<void> {
    const node = await this.options.client.get<Node>(nodePath(this.options.name));
    this.labels = present({ ...node.metadata?.labels, ...this.options.ownLabels() });
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }
}
