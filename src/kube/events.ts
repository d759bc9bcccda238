import { createHash } from 'node:crypto';
import { timestamp } from '../api/timestamp.js';
import { boundedText } from '../api/visible-text.js';
import { errorMessage, isNotFound } from './client/api-error.js';
import type { KubeClient } from './client/client.js';
import { type Clock, systemClock } from './clock.js';
import { withoutNumbers } from './without-numbers.js';
import { Fifo } from './work/fair-queue.js';
import { type Log, silentLog } from './program/log.js';
import { eventPath } from './client/resources.js';
import { TenantMemory } from './work/tenant-memory.js';
import type { KubernetesObject } from './types.js';
import { WorkQueue } from './work/work-queue.js';

export type EventType = 'Normal' | 'Warning';

export interface EventMetrics {
  /** `object`: it had too many; `namespace`: too many of its namespace wait. */
  dropped(reason: 'object' | 'namespace'): void;
}

export interface EventRecorderOptions {
  /** Who speaks: `virt-controller`, `virt-agent`. */
  component: string;
  /** The node, for a program that runs on one. */
  host?: string | undefined;
  log?: Log;
  clock?: Clock;
  metrics?: EventMetrics | undefined;
}

/**
 * One that waits to be written. Of the object it has what an event says of it: the object itself may be large, and old
 * soon.
 */
interface Waiting {
  readonly namespace: string;
  readonly involved: {
    apiVersion: string | undefined;
    kind: string | undefined;
    namespace: string | undefined;
    name: string;
    uid: string | undefined;
    resourceVersion: string | undefined;
  };
  readonly type: EventType;
  readonly reason: string;
  readonly message: string;
}

interface Known {
  name: string;
  count: number;
  /** Milliseconds since 1970. */
  at: number;
}

interface Budget {
  tokens: number;
  at: number;
}

/** client-go's: 25 events at once per object, then one every 5 minutes; a loop that complains cannot fill etcd. */
const BURST = 25;
const REFILL_MS = 300_000;
/** How long a repeat is counted on the old event. etcd keeps events for an hour. */
const AGGREGATE_MS = 10 * 60_000;
/**
 * A warning that repeats is written no more often: a failure that is tried again each second is one fact, not sixty.
 */
const REPEAT_MS = 60_000;
const MAX_MESSAGE = 1024;
/**
 * A write takes some 5 ms, so a namespace with more than that waiting is flooded; the newest report the current state.
 */
const MAX_WAITING_OF_NAMESPACE = 256;
/** Of all namespaces: some 8 MiB. */
const MAX_WAITING = 4096;
/** Namespaces that are written for at a time: one whose writes are slow keeps one writer only. */
const WRITERS = 4;
/** For what is left at the end of the program, which has 20 s in all (cmd/virt-controller). */
const FLUSH_MS = 5_000;

/**
 * Writes v1 Events about objects. A repeat (same object, type, reason, message within 10 minutes) raises `count` of the
 * first one. Never throws and never waits for the API server; {@link flush} waits.
 *
 * Events of one namespace are written in their order, one at a time. Namespaces take turns, and each has a bound of its
 * own on what waits: a flood costs the tenant that makes it its own oldest events, and others nothing.
 */
export class EventRecorder {
  private readonly known = new TenantMemory<Known>();
  private readonly budgets = new TenantMemory<Budget>();
  private readonly clock: Clock;
  private readonly log: Log;
  private readonly waiting = new Map<string, Fifo<Waiting>>();
  /** Its keys are namespaces with events that wait. */
  private readonly writers: WorkQueue;
  /** Called when nothing waits any more. */
  private idle: (() => void)[] = [];
  /** Events that wait or are being written. */
  private count = 0;
  /** Events that were not written because there were too many. */
  dropped = 0;

  constructor(
    private readonly client: Pick<KubeClient, 'create' | 'patch'>,
    private readonly options: EventRecorderOptions,
  ) {
    this.clock = options.clock ?? systemClock;
    this.log = options.log ?? silentLog;
    this.writers = new WorkQueue({
      name: 'events',
      handler: (namespace) => this.writeNext(namespace),
      workers: WRITERS,
      clock: this.clock,
      log: this.log,
    });
    this.writers.start();
  }

  /** @param budget of the object's own for such events: what it says else neither silences them nor is silenced */
  event(object: KubernetesObject, type: EventType, reason: string, message: string, budget = ''): void {
    const { metadata, apiVersion, kind } = object;
    const { name = '', uid, resourceVersion } = metadata ?? {};
    const namespace = metadata?.namespace ?? 'default';
    const involved = { apiVersion, kind, namespace: metadata?.namespace, name, uid, resourceVersion };
    const event = { namespace, involved, type, reason, message: shortCopy(message) };
    if (this.isTooSoon(event)) return;
    if (!this.allowed(namespace, `${(uid ?? '') || name}${budget}`)) {
      this.drop('object', namespace);
      return;
    }
    const queue = this.waiting.get(namespace) ?? new Fifo<Waiting>();
    this.waiting.set(namespace, queue);
    queue.push(event);
    this.count += 1;
    if (queue.size > MAX_WAITING_OF_NAMESPACE) this.dropOldest(namespace, queue);
    else if (this.count > MAX_WAITING) this.dropOldest(...this.longest());
    this.writers.add(namespace);
  }

  /** Resolves when every event so far was written or given up, or after some seconds: then what is left is lost. */
  flush(withinMs = FLUSH_MS): Promise<void> {
    if (this.count === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = this.clock.after(withinMs, () => {
        this.log.warn({ left: this.count }, 'events not written in time');
        resolve();
      });
      this.idle.push(() => {
        cancel();
        resolve();
      });
    });
  }

  /** Events that wait or are being written. */
  get depth(): number {
    return this.count;
  }

  private drop(reason: 'object' | 'namespace', namespace: string): void {
    this.dropped += 1;
    this.options.metrics?.dropped(reason);
    this.log.debug({ namespace, reason }, 'event dropped, there are too many');
  }

  private dropOldest(namespace: string, queue: Fifo<Waiting>): void {
    if (queue.shift() === undefined) return;
    this.count -= 1;
    this.drop('namespace', namespace);
  }

  private longest(): [string, Fifo<Waiting>] {
    let found: [string, Fifo<Waiting>] = ['', new Fifo()];
    for (const entry of this.waiting) if (entry[1].size > found[1].size) found = entry;
    return found;
  }

  private async writeNext(namespace: string): Promise<undefined> {
    const queue = this.waiting.get(namespace);
    const event = queue?.shift();
    if (queue === undefined || queue.size === 0) this.waiting.delete(namespace);
    // The queue of writers comes back to it when this one is written, after the other namespaces.
    else this.writers.add(namespace);
    if (event === undefined) return undefined;
    try {
      await this.write(event);
    } catch (error) {
      const { reason, involved } = event;
      this.log.warn({ uid: involved.uid, reason, error: errorMessage(error) }, 'event not written');
    }
    this.count -= 1;
    if (this.count === 0) for (const done of this.idle.splice(0)) done();
    return undefined;
  }

  private allowed(namespace: string, uid: string): boolean {
    const now = this.clock.now();
    const old = this.budgets.get(namespace, uid) ?? { tokens: BURST, at: now };
    const tokens = Math.min(BURST, old.tokens + (now - old.at) / REFILL_MS);
    this.budgets.set(namespace, uid, { tokens: tokens >= 1 ? tokens - 1 : tokens, at: now });
    return tokens >= 1;
  }

  /** Whether a warning repeats one that was written a moment ago; it is counted, and told with the next. */
  private isTooSoon(event: Waiting): boolean {
    if (event.type !== 'Warning') return false;
    const last = this.known.get(event.namespace, keyOf(event, withoutNumbers(event.message)));
    if (last === undefined || this.clock.now() - last.at >= REPEAT_MS) return false;
    last.count += 1;
    return true;
  }

  private async write(event: Waiting): Promise<void> {
    const { namespace, involved, type, reason, message } = event;
    const { name } = involved;
    const now = this.clock.now();
    const time = timestamp(now);
    const key = keyOf(event, message);
    const sameWords = keyOf(event, withoutNumbers(message));
    const soon = type === 'Warning' ? this.known.get(namespace, sameWords) : undefined;
    const known = this.known.get(namespace, key) ?? soon;
    if (
      known &&
      now - known.at < AGGREGATE_MS &&
      (await this.repeat(namespace, known, { lastTimestamp: time, message }))
    ) {
      known.at = now;
      if (type === 'Warning') this.known.set(namespace, sameWords, known);
      return;
    }
    const eventName = `${name.slice(0, 200)}.${now.toString(16)}${key.slice(0, 10)}`;
    const { component, host } = this.options;
    await this.client.create(eventPath(namespace), {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: eventName, namespace },
      involvedObject: involved,
      type,
      reason,
      message,
      source: { component, host },
      reportingComponent: component,
      reportingInstance: host ?? component,
      firstTimestamp: time,
      lastTimestamp: time,
      count: 1,
    });
    const entry = { name: eventName, count: 1, at: now };
    this.known.set(namespace, key, entry);
    if (type === 'Warning') this.known.set(namespace, sameWords, entry);
  }

  /** False when the event no longer exists, so that a new one is written. */
  private async repeat(
    namespace: string,
    known: Known,
    change: Readonly<Record<'lastTimestamp' | 'message', string>>,
  ): Promise<boolean> {
    try {
      const count = known.count + 1;
      await this.client.patch(eventPath(namespace, known.name), { count, ...change }, 'merge');
      known.count = count;
      return true;
    } catch (error) {
      if (isNotFound(error)) return false;
      throw error;
    }
  }
}

/** What makes an event the same as another. */
const keyOf = ({ involved: { uid, name }, namespace, type, reason }: Waiting, words: string): string =>
  createHash('sha256')
    .update(JSON.stringify([uid ?? name, namespace, type, reason, words]))
    .digest('hex');

/** A cut of a string holds the whole of it in memory, which may be as long as the caller that caused it likes. */
const shortCopy = (message: string): string =>
  message.length <= MAX_MESSAGE
    ? boundedText(message, MAX_MESSAGE)
    : Buffer.from(boundedText(message, MAX_MESSAGE), 'utf8').toString('utf8');

/** metav1.Time has whole seconds. */
