import { errorMessage } from '../client/api-error.js';
import { type Clock, systemClock } from '../clock.js';
import { FairQueue, tenantOfKey } from './fair-queue.js';
import { type Log, silentLog } from '../program/log.js';

/** What a handler may ask for: to be called again for this key after some time. */
export interface Outcome {
  requeueAfterMs?: number | undefined;
}

export interface WorkQueueOptions {
  /** For logs and metrics. */
  name: string;
  /** Throwing means: again, after a delay that grows with each failure in a row. */
  handler: (key: string) => Promise<Outcome | undefined>;
  workers?: number;
  clock?: Clock;
  log?: Log;
  metrics?: WorkQueueMetrics;
  /** First and longest delay after failures. Milliseconds. */
  backoffMs?: { first: number; most: number };
}

export interface WorkQueueMetrics {
  depth(name: string, depth: number): void;
  done(name: string, seconds: number, failed: boolean): void;
  retried(name: string): void;
}

/**
 * Keys to work on. A key waits at most once; while it is worked on nobody else works on it, and a key added meanwhile
 * is worked on again afterwards. Failures come back after 0.1 s, 0.2 s … 60 s, jittered, per key. Namespaces take
 * turns: one with ten thousand keys delays a key of another by as long as one of its own takes.
 *
 * What is held is bounded by the objects that there are: each key is held once as waiting, worked on or delayed, and
 * its failures are forgotten with the first success, which the handler also has for an object that was deleted.
 */
export class WorkQueue {
  private readonly queue = new FairQueue<string>();
  /** What is in the queue. */
  private readonly waiting = new Set<string>();
  private readonly active = new Set<string>();
  private readonly again = new Set<string>();
  private readonly failures = new Map<string, number>();
  private readonly timers = new Map<string, { at: number; cancel: () => void }>();
  private readonly clock: Clock;
  private readonly log: Log;
  private started = false;
  private stopping: { done: () => void } | undefined;

  constructor(private readonly options: WorkQueueOptions) {
    this.clock = options.clock ?? systemClock;
    this.log = options.log ?? silentLog;
  }

  /** Keys waiting, without the ones being worked on and the ones delayed. */
  get depth(): number {
    return this.waiting.size;
  }

  get busy(): boolean {
    return this.waiting.size > 0 || this.active.size > 0;
  }

  /** Keys that anything is remembered of. */
  get held(): number {
    return new Set([...this.waiting, ...this.active, ...this.again, ...this.timers.keys(), ...this.failures.keys()])
      .size;
  }

  add(key: string): void {
    if (this.stopping) return;
    this.cancelTimer(key);
    if (this.active.has(key)) this.again.add(key);
    else if (!this.waiting.has(key)) {
      this.waiting.add(key);
      this.queue.push(tenantOfKey(key), key);
    }
    this.report();
    this.pump();
  }

  /** Adds later; of several times for one key the earliest counts. */
  addAfter(key: string, milliseconds: number): void {
    if (this.stopping) return;
    const at = this.clock.now() + milliseconds;
    const known = this.timers.get(key);
    if (known && known.at <= at) return;
    known?.cancel();
    const cancel = this.clock.after(milliseconds, () => {
      this.timers.delete(key);
      this.add(key);
    });
    this.timers.set(key, { at, cancel });
  }

  start(): void {
    this.started = true;
    this.pump();
  }

  /** Takes nothing more; resolves when the work in progress is done. */
  stop(): Promise<void> {
    for (const { cancel } of this.timers.values()) cancel();
    this.timers.clear();
    this.waiting.clear();
    this.queue.clear();
    this.again.clear();
    this.failures.clear();
    return new Promise((resolve) => {
      this.stopping = { done: resolve };
      if (this.active.size === 0) resolve();
    });
  }

  private cancelTimer(key: string): void {
    this.timers.get(key)?.cancel();
    this.timers.delete(key);
  }

  private pump(): void {
    while (this.started && !this.stopping && this.active.size < (this.options.workers ?? 1)) {
      const key = this.queue.shift();
      if (key === undefined) return;
      this.waiting.delete(key);
      this.active.add(key);
      this.report();
      void this.work(key);
    }
  }

  private async work(key: string): Promise<void> {
    const began = this.clock.now();
    let failed = false;
    try {
      const outcome = await this.options.handler(key);
      this.failures.delete(key);
      if (outcome?.requeueAfterMs !== undefined) this.addAfter(key, outcome.requeueAfterMs);
    } catch (error) {
      failed = true;
      this.retry(key, error);
    }
    this.options.metrics?.done(this.options.name, (this.clock.now() - began) / 1000, failed);
    this.active.delete(key);
    if (this.again.delete(key)) this.add(key);
    if (this.stopping && this.active.size === 0) this.stopping.done();
    this.pump();
  }

  private retry(key: string, error: unknown): void {
    const { first, most } = this.options.backoffMs ?? { first: 100, most: 60_000 };
    const failures = this.failures.get(key) ?? 0;
    this.failures.set(key, failures + 1);
    const delay = Math.min(first * 2 ** Math.min(failures, 20) * (1 + this.clock.random() / 2), most);
    const fields = { queue: this.options.name, key, failures: failures + 1, delayMs: Math.round(delay) };
    this.log.warn({ ...fields, error: errorMessage(error) }, 'work failed, will be tried again');
    this.options.metrics?.retried(this.options.name);
    this.addAfter(key, delay);
  }

  private report(): void {
    this.options.metrics?.depth(this.options.name, this.waiting.size);
  }
}
