import { createHash } from 'node:crypto';
import { boundedText } from '../api/visible-text.js';
import { errorMessage, isNotFound } from './api-error.js';
import type { KubeClient } from './client.js';
import { type Clock, systemClock } from './clock.js';
import { type Log, silentLog } from './log.js';
import { eventPath } from './resources.js';
import type { KubernetesObject } from './types.js';

export type EventType = 'Normal' | 'Warning';

export interface EventRecorderOptions {
  /** Who speaks: `virt-controller`, `virt-agent`. */
  component: string;
  /** The node, for a program that runs on one. */
  host?: string | undefined;
  log?: Log;
  clock?: Clock;
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
const REMEMBERED = 4096;
const MAX_MESSAGE = 1024;

/**
 * Writes v1 Events about objects. A repeat (same object, type, reason, message within 10 minutes) raises `count` of the
 * first one. Never throws and never waits for the API server; {@link flush} waits.
 */
export class EventRecorder {
  private readonly known = new Map<string, Known>();
  private readonly budgets = new Map<string, Budget>();
  private readonly clock: Clock;
  private readonly log: Log;
  private tail: Promise<void> = Promise.resolve();
  private pending = 0;
  /** Events that were not written because an object had too many. */
  dropped = 0;

  constructor(
    private readonly client: Pick<KubeClient, 'create' | 'patch'>,
    private readonly options: EventRecorderOptions,
  ) {
    this.clock = options.clock ?? systemClock;
    this.log = options.log ?? silentLog;
  }

  event(object: KubernetesObject, type: EventType, reason: string, message: string): void {
    const uid = object.metadata?.uid ?? '';
    if (!this.allowed(uid || (object.metadata?.name ?? ''))) {
      this.dropped += 1;
      this.log.debug({ uid, reason }, 'event dropped, the object has too many');
      return;
    }
    // Events tell of one object's life in order: one write at a time.
    this.pending += 1;
    this.tail = this.tail.then(async () => {
      try {
        await this.write(object, type, reason, boundedText(message, MAX_MESSAGE));
      } catch (error) {
        this.log.warn({ uid, reason, error: errorMessage(error) }, 'event not written');
      } finally {
        this.pending -= 1;
      }
    });
  }

  /** Resolves when every event so far was written or given up. */
  async flush(): Promise<void> {
    while (this.pending > 0) await this.tail;
  }

  private allowed(uid: string): boolean {
    const now = this.clock.now();
    const old = this.budgets.get(uid) ?? { tokens: BURST, at: now };
    const tokens = Math.min(BURST, old.tokens + (now - old.at) / REFILL_MS);
    this.budgets.delete(uid);
    this.budgets.set(uid, { tokens: tokens >= 1 ? tokens - 1 : tokens, at: now });
    forgetOldest(this.budgets);
    return tokens >= 1;
  }

  private async write(object: KubernetesObject, type: EventType, reason: string, message: string): Promise<void> {
    const { namespace = 'default', name = '', uid } = object.metadata ?? {};
    const now = this.clock.now();
    const time = eventTime(now);
    const key = createHash('sha256')
      .update(JSON.stringify([uid ?? name, namespace, type, reason, message]))
      .digest('hex');
    const known = this.known.get(key);
    if (known && now - known.at < AGGREGATE_MS && (await this.repeat(namespace, known, time))) {
      known.at = now;
      return;
    }
    const eventName = `${name.slice(0, 200)}.${now.toString(16)}${key.slice(0, 10)}`;
    const { component, host } = this.options;
    await this.client.create(eventPath(namespace), {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: eventName, namespace },
      involvedObject: {
        apiVersion: object.apiVersion,
        kind: object.kind,
        namespace: object.metadata?.namespace,
        name,
        uid,
        resourceVersion: object.metadata?.resourceVersion,
      },
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
    this.known.set(key, { name: eventName, count: 1, at: now });
    forgetOldest(this.known);
  }

  /** False when the event is gone, so that a new one is written. */
  private async repeat(namespace: string, known: Known, lastTimestamp: string): Promise<boolean> {
    try {
      const count = known.count + 1;
      await this.client.patch(eventPath(namespace, known.name), { count, lastTimestamp }, 'merge');
      known.count = count;
      return true;
    } catch (error) {
      if (isNotFound(error)) return false;
      throw error;
    }
  }
}

const forgetOldest = (map: Map<string, unknown>): void => {
  if (map.size <= REMEMBERED) return;
  const [oldest] = map.keys();
  if (oldest !== undefined) map.delete(oldest);
};

/** metav1.Time has whole seconds. */
const eventTime = (milliseconds: number): string => `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;
