import { annotationsOf, HEARTBEAT_MS, labelsOf, STALE_MS } from '../../agent-api/node-report.js';
import { Label } from '../../api/names.js';
import type { VirtNode, VirtNodeSpec } from '../../api/virt-node/virt-node.js';
import { isConflict, isNotFound } from '../../kube/client/api-error.js';
import type { KubeClient } from '../../kube/client/client.js';
import type { Clock } from '../../kube/clock.js';
import type { Log } from '../../kube/program/log.js';
import { nodePath, virtNodePath } from '../../kube/client/resources.js';
import type { Node } from '../../kube/types.js';
import type { Outcome } from '../../kube/work/work-queue.js';

/**
 * A report that is suspect is asked for, and once more after two heartbeats: where the API server was away nobody could
 * report, and agents have so long from the moment when it answers.
 */
const CONFIRM_MS = 2 * HEARTBEAT_MS;
/**
 * A node with the label and no report: agents of 0.1 before VirtNode labelled their nodes themselves, and continue to
 * until they are updated. This is longer than an update takes.
 */
const UNREPORTED_MS = 3_600_000;
/** The cache shows what was in the way. */
const CONFLICT_RETRY_MS = 1_000;

interface Seen {
  readonly heartbeat: string | undefined;
  /** Since when it is this one, by our own clock: clocks of different machines are never compared. */
  readonly since: number;
  /** When it was first asked for and still was this one. */
  suspect?: number;
}

export interface NodeLabelsOptions {
  readonly client: Pick<KubeClient, 'get' | 'patch'>;
  readonly node: (name: string) => Node | undefined;
  readonly report: (name: string) => VirtNode | undefined;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Log;
}

/**
 * Copies what agents report into the labels and annotations of their nodes, and takes a node whose agent is silent out
 * of the scheduler's choice.
 */
export class NodeLabelReconciler {
  private readonly seen = new Map<string, Seen>();

  constructor(private readonly options: NodeLabelsOptions) {}

  /** @param name of a Node, and of the VirtNode that is about it. */
  async reconcile(name: string): Promise<Outcome | undefined> {
    const node = this.options.node(name);
    if (node === undefined) {
      this.seen.delete(name);
      return undefined;
    }
    try {
      const spec = this.options.report(name)?.spec;
      if (spec !== undefined || node.metadata?.labels?.[Label.schedulable] === 'true')
        return await this.follow(name, node, spec);
      this.seen.delete(name);
      return undefined;
    } catch (error) {
      if (isConflict(error)) return { requeueAfterMs: CONFLICT_RETRY_MS };
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  private async follow(name: string, node: Node, spec: VirtNodeSpec | undefined): Promise<Outcome | undefined> {
    const left = await this.timeLeft(name, spec);
    if (left > 0) {
      if (spec !== undefined) await this.write(name, node, labelsOf(spec), annotationsOf(spec));
      return { requeueAfterMs: left };
    }
    // The other labels describe the machine, which has not changed.
    if (await this.write(name, node, { [Label.schedulable]: 'false' }))
      this.options.log.warn({ node: name }, 'virt-agent does not report: no new VM is placed on its node');
    return undefined;
  }

  /** Milliseconds until the report has to be looked at again; 0: it is stale. */
  private async timeLeft(name: string, spec: VirtNodeSpec | undefined): Promise<number> {
    const now = this.options.clock.now();
    const limit = spec === undefined ? UNREPORTED_MS : STALE_MS;
    const seen = this.observe(name, spec?.heartbeat);
    if (now - seen.since < limit) return limit - (now - seen.since);
    const current = await this.read(name);
    if (current !== seen.heartbeat) {
      this.observe(name, current);
      return STALE_MS;
    }
    seen.suspect ??= now;
    return Math.max(0, seen.suspect + CONFIRM_MS - now);
  }

  private observe(name: string, heartbeat: string | undefined): Seen {
    const known = this.seen.get(name);
    if (known?.heartbeat === heartbeat && known !== undefined) return known;
    const seen: Seen = { heartbeat, since: this.options.clock.now() };
    this.seen.set(name, seen);
    return seen;
  }

  private async read(name: string): Promise<string | undefined> {
    try {
      return (await this.options.client.get<VirtNode>(virtNodePath(name))).spec.heartbeat;
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  /**
   * One write, and none where the node has all. The uid is a precondition: a node may come back under its name.
   */
  private async write(name: string, node: Node, labels: Wanted, annotations: Wanted = {}): Promise<boolean> {
    const { uid, labels: labelled, annotations: annotated } = node.metadata ?? {};
    const different = { labels: differing(labels, labelled), annotations: differing(annotations, annotated) };
    if (different.labels === undefined && different.annotations === undefined) return false;
    await this.options.client.patch(nodePath(name), { metadata: { uid, ...different } }, 'merge');
    return true;
  }
}

type Wanted = Readonly<Record<string, string | null>>;

/** What of it is not so; undefined: nothing. */
const differing = (wanted: Wanted, there: Readonly<Record<string, string>> = {}): Wanted | undefined => {
  const different = Object.entries(wanted).filter(([name, value]) => (there[name] ?? null) !== value);
  return different.length === 0 ? undefined : Object.fromEntries(different);
};
