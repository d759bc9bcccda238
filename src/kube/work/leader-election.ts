import { ApiError, errorMessage, isNotFound } from '../client/api-error.js';
import type { KubeClient } from '../client/client.js';
import { type Clock, sleep, systemClock } from '../clock.js';
import { type Log, silentLog } from '../program/log.js';
import { leasePath } from '../client/resources.js';
import type { KubernetesObject } from '../types.js';

export interface Lease extends KubernetesObject {
  spec?: {
    holderIdentity?: string;
    leaseDurationSeconds?: number;
    acquireTime?: string;
    renewTime?: string;
    leaseTransitions?: number;
  };
}

export interface LeaderElectorOptions {
  namespace: string;
  /** The lease's name. */
  name: string;
  /** Unique per process; the pod's name and something random. */
  identity: string;
  log?: Log;
  clock?: Clock;
  /**
   * docs/reference/control.md §6.3. A holder that cannot renew gives up before another may take over: renewDeadline <
   * leaseDuration.
   */
  leaseDurationMs?: number;
  renewDeadlineMs?: number;
  retryPeriodMs?: number;
}

type Client = Pick<KubeClient, 'get' | 'create' | 'update'>;

/**
 * One leader among the processes that name the same Lease. Clocks of different machines are never compared: a lease
 * counts as expired when it has not changed for its duration by our own clock.
 */
export class LeaderElector {
  private readonly clock: Clock;
  private readonly log: Log;
  private readonly durationMs: number;
  private readonly deadlineMs: number;
  private readonly retryMs: number;
  private readonly stopping = new AbortController();
  private observed: { lease: Lease; at: number } | undefined;
  private leading = false;
  private underWay: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly client: Client,
    private readonly options: LeaderElectorOptions,
  ) {
    this.clock = options.clock ?? systemClock;
    this.log = options.log ?? silentLog;
    this.durationMs = options.leaseDurationMs ?? 15_000;
    this.deadlineMs = options.renewDeadlineMs ?? 10_000;
    this.retryMs = options.retryPeriodMs ?? 2_000;
  }

  get isLeader(): boolean {
    return this.leading;
  }

  /**
   * Waits until this process leads, calls `lead`, and renews. Resolves with `lost` when the lease could not be renewed
   * in time (the process must end at once: another may lead now), with `stopped` after {@link stop}.
   */
  async run(lead: () => void): Promise<'lost' | 'stopped'> {
    const { name, identity } = this.options;
    while (!this.isStopping()) {
      if (await this.attempt()) break;
      await sleep(this.clock, this.retryMs * (1 + this.clock.random() / 5), this.stopping.signal);
    }
    if (this.isStopping()) return 'stopped';
    this.leading = true;
    this.log.info({ lease: name, identity }, 'became the leader');
    lead();
    const lost = await this.renewUntilLost();
    this.leading = false;
    if (lost) this.log.error({ lease: name, identity }, 'lost the lease');
    return lost ? 'lost' : 'stopped';
  }

  /**
   * Stops and gives the lease up, so that the next one need not wait for it to expire. Call when all work has ended.
   */
  async stop(): Promise<void> {
    const held = this.leading;
    this.stopping.abort();
    this.leading = false;
    // A renewal that is under way would make the release a conflict, and the next one wait for the lease's end.
    await Promise.race([this.underWay, sleep(this.clock, this.deadlineMs / 2)]);
    if (!held || !this.observed) return;
    const { lease } = this.observed;
    try {
      await this.write({ ...lease, spec: { ...lease.spec, holderIdentity: '', leaseDurationSeconds: 1 } });
    } catch (error) {
      this.log.warn({ error: errorMessage(error) }, 'lease not released');
    }
  }

  private isStopping(): boolean {
    return this.stopping.signal.aborted;
  }

  private async renewUntilLost(): Promise<boolean> {
    let renewed = this.clock.now();
    while (!this.isStopping()) {
      await sleep(this.clock, this.retryMs, this.stopping.signal);
      if (this.isStopping()) return false;
      const began = this.clock.now();
      const left = renewed + this.deadlineMs - began;
      // However slowly the API server answers: after the deadline another may lead.
      const ours = await Promise.race([this.attempt(), sleep(this.clock, left).then(() => false)]);
      if (ours) renewed = began;
      else if (this.heldByAnother() || this.clock.now() - renewed >= this.deadlineMs) return true;
    }
    return false;
  }

  private heldByAnother(): boolean {
    const holder = this.observed?.lease.spec?.holderIdentity;
    return holder !== undefined && holder !== '' && holder !== this.options.identity;
  }

  /** True when the lease is ours afterwards. Never rejects. */
  private attempt(): Promise<boolean> {
    const attempt = this.tryOnce();
    this.underWay = attempt;
    return attempt;
  }

  private async tryOnce(): Promise<boolean> {
    try {
      return await this.acquireOrRenew();
    } catch (error) {
      const conflict = error instanceof ApiError && error.code === 409;
      if (!conflict) this.log.warn({ error: errorMessage(error) }, 'lease not reachable');
      return false;
    }
  }

  private async acquireOrRenew(): Promise<boolean> {
    const { namespace, name, identity } = this.options;
    const lease = await this.read();
    const time = microTime(this.clock.now());
    const ours = { holderIdentity: identity, leaseDurationSeconds: Math.ceil(this.durationMs / 1000), renewTime: time };
    if (!lease) {
      const created = await this.client.create<Lease>(
        leasePath(namespace),
        {
          apiVersion: 'coordination.k8s.io/v1',
          kind: 'Lease',
          metadata: { name, namespace },
          spec: { ...ours, acquireTime: time, leaseTransitions: 0 },
        },
        { timeoutMs: this.deadlineMs },
      );
      this.observe(created);
      return true;
    }
    const spec = lease.spec ?? {};
    const mine = spec.holderIdentity === identity;
    if (!mine && spec.holderIdentity && !this.expired(lease)) return false;
    const transitions = spec.leaseTransitions ?? 0;
    const taken = mine ? {} : { acquireTime: time, leaseTransitions: transitions + 1 };
    // The resource version in the object makes this a compare-and-swap.
    await this.write({ ...lease, spec: { ...spec, ...ours, ...taken } });
    return true;
  }

  private async read(): Promise<Lease | undefined> {
    const { namespace, name } = this.options;
    try {
      const lease = await this.client.get<Lease>(leasePath(namespace, name), { timeoutMs: this.deadlineMs / 2 });
      this.observe(lease);
      return lease;
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  private async write(lease: Lease): Promise<void> {
    const { namespace, name } = this.options;
    this.observe(
      await this.client.update<Lease>(leasePath(namespace, name), lease, { timeoutMs: this.deadlineMs / 2 }),
    );
  }

  private observe(lease: Lease): void {
    const changed = this.observed?.lease.metadata?.resourceVersion !== lease.metadata?.resourceVersion;
    if (changed || !this.observed) this.observed = { lease, at: this.clock.now() };
  }

  private expired(lease: Lease): boolean {
    const duration = (lease.spec?.leaseDurationSeconds ?? this.durationMs / 1000) * 1000;
    return this.observed !== undefined && this.clock.now() - this.observed.at >= duration;
  }
}

/** metav1.MicroTime. */
const microTime = (milliseconds: number): string =>
  new Date(milliseconds).toISOString().replace(/(\.\d{3})Z$/, '$1000Z');
