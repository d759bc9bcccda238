import type { GuestExecAnswer } from '../../agent-api/guest-exec.js';
import type { Clock } from '../../kube/clock.js';
import { FairQueue } from '../../kube/work/fair-queue.js';

/** Each holds a connection to a libvirtd, and its answer several times while that is read: some 8 MiB. */
const PLACES = 8;
/** Of one namespace, whose guests may all hang. */
const PLACES_OF_NAMESPACE = 4;
/** Requests with their stdin. */
const MOST_WAITING = 64;
/** How long a request waits for a place; virt-webhook waits ten seconds for us. */
const PLACE_MS = 2_000;
/** An answer that may have been lost on its way can be had for so long. */
const KEPT_MS = 60_000;
/** Characters of all answers that are kept. */
const KEPT_MOST = 16 * 1024 * 1024;

/** There is no place for it now. */
export class NoPlace extends Error {
  override readonly name = 'NoPlace';
}

interface Waiting {
  readonly enter: () => void;
  /** Nobody waits any more. */
  gone: boolean;
}

interface Kept {
  readonly namespace: string;
  readonly answer: GuestExecAnswer;
  readonly size: number;
  readonly until: number;
}

/** What the commands in all of the node's guests may cost the agent together. */
export class NodeCommands {
  private readonly queue = new FairQueue<Waiting>();
  private readonly held = new Map<string, number>();
  private total = 0;
  private waiting = 0;
  private readonly kept = new Map<string, Kept>();
  private keptSize = 0;
  private forgetting = false;

  constructor(private readonly clock: Clock) {}

  /** Somebody waits for a place: whoever only waits in his should leave it. */
  get isContended(): boolean {
    return this.waiting > 0;
  }

  /** Runs with a place. Namespaces take turns. @throws NoPlace */
  async run<T>(namespace: string, task: () => Promise<T>): Promise<T> {
    if (this.isFree(namespace)) this.take(namespace);
    else await this.place(namespace);
    try {
      return await task();
    } finally {
      this.leave(namespace);
    }
  }

  /** Keeps an answer for whoever has not had it. */
  keep(namespace: string, key: string, answer: GuestExecAnswer): void {
    this.forgetOld();
    const size = (answer.stdout?.length ?? 0) + (answer.stderr?.length ?? 0) + 1_024;
    this.kept.set(key, { namespace, answer, size, until: this.clock.now() + KEPT_MS });
    this.keptSize += size;
    while (this.keptSize > KEPT_MOST) this.forgetOldestOf(this.largest());
    this.forgetLater();
  }

  /** An answer that was given before. */
  again(key: string): GuestExecAnswer | undefined {
    this.forgetOld();
    return this.kept.get(key)?.answer;
  }

  private isFree(namespace: string): boolean {
    return this.total < PLACES && (this.held.get(namespace) ?? 0) < PLACES_OF_NAMESPACE;
  }

  private take(namespace: string): void {
    this.total += 1;
    this.held.set(namespace, (this.held.get(namespace) ?? 0) + 1);
  }

  /** The place has been taken when this resolves. */
  private place(namespace: string): Promise<void> {
    if (this.waiting >= MOST_WAITING) return Promise.reject(new NoPlace('too many commands wait on its node'));
    this.waiting += 1;
    return new Promise((resolve, reject) => {
      const one: Waiting = {
        gone: false,
        enter: () => {
          forget();
          this.waiting -= 1;
          this.take(namespace);
          resolve();
        },
      };
      const forget = this.clock.after(PLACE_MS, () => {
        one.gone = true;
        this.waiting -= 1;
        reject(new NoPlace('too many commands are under way on its node'));
      });
      this.queue.push(namespace, one);
    });
  }

  private leave(namespace: string): void {
    this.total -= 1;
    const left = (this.held.get(namespace) ?? 1) - 1;
    if (left === 0) this.held.delete(namespace);
    else this.held.set(namespace, left);
    for (;;) {
      const next = this.queue.shift((tenant) => this.isFree(tenant));
      if (next === undefined) return;
      if (!next.gone) next.enter();
    }
  }

  private forgetLater(): void {
    const [oldest] = this.kept.values();
    if (this.forgetting || oldest === undefined) return;
    this.forgetting = true;
    this.clock.after(oldest.until - this.clock.now(), () => {
      this.forgetting = false;
      this.forgetOld();
      this.forgetLater();
    });
  }

  private forgetOld(): void {
    for (const [key, { until }] of this.kept) {
      if (until > this.clock.now()) return;
      this.forget(key);
    }
  }

  private forget(key: string): void {
    this.keptSize -= this.kept.get(key)?.size ?? 0;
    this.kept.delete(key);
  }

  /** The namespace of which the most is kept. */
  private largest(): string {
    const sizes = new Map<string, number>();
    for (const { namespace, size } of this.kept.values()) sizes.set(namespace, (sizes.get(namespace) ?? 0) + size);
    return [...sizes].reduce((most, one) => (one[1] > most[1] ? one : most), ['', -1])[0];
  }

  private forgetOldestOf(namespace: string): void {
    for (const [key, kept] of this.kept) {
      if (kept.namespace !== namespace) continue;
      this.forget(key);
      return;
    }
  }
}
