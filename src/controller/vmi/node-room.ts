import { Quantity, tryQuantity } from '../../api/quantity.js';
import type { KubeClient } from '../../kube/client/client.js';
import type { Clock } from '../../kube/clock.js';
import { podPath } from '../../kube/client/resources.js';
import type { Node, Pod } from '../../kube/types.js';
import { readableBytes, requested } from './amounts.js';

/*
 * How much the nodes have free, for who is told that his VM fits on none. It takes a look at every pod, so it is done
 * for all who ask within a minute together, page by page, and not at all in clusters where it would take long.
 */

const FRESH_MS = 60_000;
const PAGE = 500;
const MOST_PAGES = 20;
const RESOURCES = ['memory', 'cpu'] as const;

type Amounts = Record<(typeof RESOURCES)[number], Quantity>;

interface Options {
  readonly client: Pick<KubeClient, 'list'>;
  readonly nodes: { list(): Node[] };
  readonly clock: Pick<Clock, 'now'>;
}

export class NodeRoom {
  private known: { at: number; text: Promise<string | undefined> } | undefined;

  constructor(private readonly options: Options) {}

  /** "the node with most memory left has 1.2Gi of it free, …"; undefined where it is not known. */
  describe(): Promise<string | undefined> {
    const now = this.options.clock.now();
    if (this.known === undefined || now - this.known.at >= FRESH_MS) {
      // What it cannot find out is left out: the scheduler's own words stand.
      this.known = { at: now, text: this.look().catch(() => undefined) };
    }
    return this.known.text;
  }

  private async look(): Promise<string | undefined> {
    const free = new Map<string, Amounts>();
    for (const { metadata, spec, status } of this.options.nodes.list()) {
      const memory = tryQuantity(status?.allocatable?.['memory']);
      const cpu = tryQuantity(status?.allocatable?.['cpu']);
      if (memory && cpu && spec?.unschedulable !== true) free.set(metadata?.name ?? '', { memory, cpu });
    }
    if (free.size === 0 || !(await this.subtractPods(free))) return undefined;
    const [memory, cpu] = RESOURCES.map((name) => mostOf([...free.values()].map((amounts) => amounts[name])));
    if (memory === undefined || cpu === undefined) return undefined;
    const bytes = memory.sign() < 0 ? '0' : readableBytes(memory.value(), 'down');
    return `the most that one node has free is ${bytes} of memory, and ${cpu.sign() < 0 ? '0' : cpu.toString()} CPU`;
  }

  /** False: there are too many. */
  private async subtractPods(free: Map<string, Amounts>): Promise<boolean> {
    let next: string | undefined;
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const query = {
        limit: PAGE,
        fieldSelector: 'status.phase!=Succeeded,status.phase!=Failed',
        ...(next === undefined ? {} : { continue: next }),
      };
      const { items, metadata } = await this.options.client.list<Pod>(podPath(), { query });
      for (const { spec } of items) {
        const of = free.get(spec?.nodeName ?? '');
        if (of === undefined) continue;
        for (const name of RESOURCES) of[name] = of[name].sub(requested(spec?.containers ?? [], name));
      }
      next = metadata?.continue || undefined;
      if (next === undefined) return true;
    }
    return false;
  }
}

const mostOf = (amounts: readonly Quantity[]): Quantity | undefined =>
  amounts.reduce<Quantity | undefined>(
    (most, amount) => (most === undefined || amount.compare(most) > 0 ? amount : most),
    undefined,
  );
