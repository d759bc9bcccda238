import { ApiError, errorMessage, isGone } from '../client/api-error.js';
import type { KubeClient } from '../client/client.js';
import { Backoff, type Clock, sleep, systemClock } from '../clock.js';
import { type Log, silentLog } from '../program/log.js';
import { listPages } from './list-pages.js';
import { type IndexFunction, Store } from './store.js';
import { type KubernetesObject, objectKey } from '../types.js';
import type { WatchEvent } from './watch.js';

export interface InformerOptions<T extends KubernetesObject> {
  /** The list's path, from `resources.ts`. */
  path: string;
  labelSelector?: string | undefined;
  fieldSelector?: string | undefined;
  /** What is kept of an object. `managedFields` are dropped before it. */
  transform?: (object: T) => T;
  indices?: Record<string, IndexFunction<T>>;
  log?: Log;
  clock?: Clock;
  metrics?: InformerMetrics;
  /** Objects per page of the list; 500, as client-go's. */
  pageSize?: number;
  /** Milliseconds, for tests: instead of the random 290…590 s. */
  watchTimeoutMs?: number;
  /** Milliseconds, for tests: instead of the watch's time and 30 s. */
  inactivityMs?: number;
}

/** Counters; see `metrics.ts` for Prometheus'. */
export interface InformerMetrics {
  event(path: string, type: string): void;
  /** The watch ended in another way than by its time. */
  interrupted(path: string, reason: string): void;
  relisted(path: string): void;
  handlerFailed(path: string): void;
}

export interface InformerHandlers<T> {
  add: (object: T) => void;
  update: (object: T, old: T) => void;
  /** With the last state that was seen; after a relist that may be older than the last one it had. */
  delete: (object: T) => void;
}

type Client = Pick<KubeClient, 'list' | 'watch'>;
type Call = { [K in keyof InformerHandlers<unknown>]: { kind: K } }[keyof InformerHandlers<unknown>]['kind'];

/** client-go's. */
const PAGE = 500;
/** client-go's and the research's back-off: 0.8 s to 30 s, jittered. */
const BACKOFF_MS = { first: 800, most: 30_000 };
/** API servers send a bookmark a minute; three missing ones mean a dead connection. */
const BOOKMARKS_MISSING_MS = 180_000;
/** How often a throwing handler gets the object again before it is given up (with an error in the log). */
const HANDLER_ATTEMPTS = 5;
const HANDLER_RETRY_MS = 1_000;

/**
 * A local copy of a resource that is kept current by one watch. It lists once in pages, watches from there, and comes
 * back from everything that the network and the API server do (docs/reference/measurements.md §2); events are given to
 * the handlers in order, synchronously. After a relist the differences to the copy are given as add, update and delete.
 */
export class Informer<T extends KubernetesObject> {
  readonly synced: Promise<void>;
  /** Resolves with the first complete list or the first error: for whoever shows what there is, and what is wrong. */
  readonly answered: Promise<void>;
  private readonly store: Store<T>;
  private readonly clock: Clock;
  private readonly log: Log;
  private readonly backoff: Backoff;
  /** The last answer to a watch was 410, and no event came since. */
  private goneWithoutProgress = false;
  private readonly handlers: { [K in Call]: Set<InformerHandlers<T>[K]> } = {
    add: new Set(),
    update: new Set(),
    delete: new Set(),
  };
  private readonly stopping = new AbortController();
  private running: Promise<void> | undefined;
  private markSynced: () => void = () => undefined;
  private markAnswered: () => void = () => undefined;
  private resourceVersion: string | undefined;
  private isSynced = false;
  private problem: string | undefined;

  constructor(
    private readonly client: Client,
    private readonly options: InformerOptions<T>,
  ) {
    this.store = new Store(options.indices);
    this.clock = options.clock ?? systemClock;
    this.log = options.log ?? silentLog;
    this.backoff = new Backoff(this.clock, BACKOFF_MS.first, BACKOFF_MS.most);
    this.synced = new Promise((resolve) => (this.markSynced = resolve));
    this.answered = new Promise((resolve) => (this.markAnswered = resolve));
  }

  /** True after the first complete list. */
  get hasSynced(): boolean {
    return this.isSynced;
  }

  /** Why the copy is not current, while it is not; for readiness and messages. */
  get lastError(): string | undefined {
    return this.problem;
  }

  start(): void {
    this.running ??= this.run();
  }

  /** Resolves when the watch is closed; no handler is called after that. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  /** By `namespace/name`. The object belongs to the informer: do not change it. */
  get(key: string): T | undefined {
    return this.store.get(key);
  }

  list(namespace?: string): T[] {
    return this.store.list(namespace);
  }

  byIndex(name: string, value: string): T[] {
    return this.store.byIndex(name, value);
  }

  /** Handlers added late do not get what was there before. Returns the function that removes it. */
  on<K extends Call>(kind: K, handler: InformerHandlers<T>[K]): () => void {
    const set: Set<InformerHandlers<T>[K]> = this.handlers[kind];
    set.add(handler);
    return () => set.delete(handler);
  }

  private stopped(): boolean {
    return this.stopping.signal.aborted;
  }

  private async run(): Promise<void> {
    while (!this.stopped()) {
      try {
        if (this.resourceVersion === undefined) await this.relist();
        await this.watchOnce(this.resourceVersion ?? '');
        this.problem = undefined;
      } catch (error) {
        if (this.stopped()) return;
        await this.recover(error);
      }
    }
  }

  private async recover(error: unknown): Promise<void> {
    const { path } = this.options;
    const gone = isGone(error) || (error instanceof ApiError && error.reason === 'Expired');
    this.problem = errorMessage(error);
    this.markAnswered();
    if (gone) this.resourceVersion = undefined;
    // 410 is an answer, however often the server could not be reached before it: list at once. Only 410 after 410
    // without any progress in between is distress.
    const listAtOnce = gone && !this.goneWithoutProgress;
    this.goneWithoutProgress = gone;
    const delay = listAtOnce ? 0 : this.backoff.next();
    this.options.metrics?.interrupted(path, gone ? 'gone' : error instanceof Error ? error.name : 'unknown');
    this.log.warn({ path, error: this.problem, relist: gone, delayMs: Math.round(delay) }, 'watch interrupted');
    if (listAtOnce) return;
    await sleep(this.clock, delay, this.stopping.signal);
  }

  private query(): Record<string, string | undefined> {
    const { labelSelector, fieldSelector } = this.options;
    return { labelSelector, fieldSelector };
  }

  private async relist(): Promise<void> {
    const seen = new Set<string>();
    const { path, pageSize = PAGE } = this.options;
    const { items, resourceVersion } = await listPages<T>(this.client, {
      ...{ path, pageSize, query: this.query(), signal: this.stopping.signal },
      keep: (object) => this.keep(object),
    });
    this.options.metrics?.relisted(path);
    for (const object of items) {
      seen.add(objectKey(object));
      this.apply(object);
    }
    for (const key of this.store.keys()) if (!seen.has(key)) this.remove(key);
    this.resourceVersion = resourceVersion;
    this.problem = undefined;
    this.isSynced = true;
    this.markSynced();
    this.markAnswered();
  }

  private async watchOnce(from: string): Promise<void> {
    // Random, so that the watches of many clients do not all end in the same second.
    const timeoutMs = this.options.watchTimeoutMs ?? (290 + 300 * this.clock.random()) * 1000;
    const events = this.client.watch<T>(this.options.path, {
      query: {
        ...this.query(),
        resourceVersion: from,
        allowWatchBookmarks: true,
        timeoutSeconds: Math.max(1, Math.round(timeoutMs / 1000)),
      },
      signal: this.stopping.signal,
      inactivityMs: this.options.inactivityMs ?? timeoutMs + 30_000,
      inactivityAfterBookmarkMs: this.options.inactivityMs ?? Math.min(BOOKMARKS_MISSING_MS, timeoutMs + 30_000),
    });
    const started = this.clock.now();
    for await (const event of events) {
      if (this.stopped()) return;
      this.take(event);
      this.progressed();
    }
    // A server (or something in front of it) that ends watches at once must not be asked again at once.
    if (this.clock.now() - started < 1_000) await sleep(this.clock, this.backoff.next(), this.stopping.signal);
    else this.progressed();
  }

  private progressed(): void {
    this.problem = undefined;
    this.backoff.reset();
    this.goneWithoutProgress = false;
  }

  private take({ type, object: raw }: WatchEvent<T>): void {
    this.options.metrics?.event(this.options.path, type);
    this.resourceVersion = raw.metadata?.resourceVersion ?? this.resourceVersion;
    if (type === 'BOOKMARK') return;
    const object = this.keep(raw);
    if (type === 'DELETED') this.remove(objectKey(object), object);
    else this.apply(object);
  }

  private keep(object: T): T {
    if (object.metadata?.managedFields) delete object.metadata.managedFields;
    return this.options.transform ? this.options.transform(object) : object;
  }

  private apply(object: T): void {
    const old = this.store.set(object);
    if (!old) this.call('add', objectKey(object), (handler) => handler(object));
    else if (old.metadata?.uid !== object.metadata?.uid) {
      // Deleted and created again under the same name while we did not look.
      this.call('delete', objectKey(old), (handler) => handler(old));
      this.call('add', objectKey(object), (handler) => handler(object));
    } else if (old.metadata?.resourceVersion !== object.metadata?.resourceVersion) {
      this.call('update', objectKey(object), (handler) => handler(object, old));
    }
  }

  private remove(key: string, last?: T): void {
    const old = this.store.delete(key);
    const object = last ?? old;
    if (old && object) this.call('delete', key, (handler) => handler(object));
  }

  private call<K extends Call>(kind: K, key: string, invoke: (handler: InformerHandlers<T>[K]) => void): void {
    for (const handler of this.handlers[kind]) this.attempt(kind, key, handler, invoke, 1);
  }

  /** A throwing handler is logged and counted, does not disturb the others, and gets the event again later. */
  private attempt<K extends Call>(
    kind: K,
    key: string,
    handler: InformerHandlers<T>[K],
    invoke: (handler: InformerHandlers<T>[K]) => void,
    attempt: number,
  ): void {
    try {
      invoke(handler);
    } catch (error) {
      this.options.metrics?.handlerFailed(this.options.path);
      const fields = { path: this.options.path, key, kind, attempt, error: errorMessage(error) };
      this.log.error(fields, 'informer handler failed');
      if (attempt >= HANDLER_ATTEMPTS) return;
      this.clock.after(HANDLER_RETRY_MS * attempt, () => {
        if (!this.stopped()) this.attempt(kind, key, handler, invoke, attempt + 1);
      });
    }
  }
}
