import type { Clock } from '../../kube/clock.js';
import { FairQueue } from '../../kube/work/fair-queue.js';

/**
 * Starts at a time. Each is a burst of processes, disk writes and a QEMU that is loaded: more of them at once would
 * only wait for each other's CPU, and all would be late instead of some.
 */
const PLACES = 6;
/**
 * A start takes 0.4 s of an otherwise idle node. What takes longer mostly waits for something (a libvirtd that says
 * nothing, storage), so its place is given to a tenant that has none. Behind 60 tenants whose starts hang, a tenant
 * waits for 10 rounds: 4 s.
 */
export const LEND_TO_STRANGER_MS = 400;
/**
 * On a busy node six starts together may take some seconds; a place that is held longer than any does not keep the CPU
 * busy.
 */
export const LEND_TO_ANYBODY_MS = 10_000;
/** One of so many free places is for a start that was slow before, so that those come to an end too. */
const SLOW_TURN = 4;

interface Holder {
  readonly tenant: string;
  readonly since: number;
  /** Its place has been given to another start; it continues without one. */
  lent: boolean;
}

interface Waiter {
  readonly tenant: string;
  readonly enter: (holder: Holder) => void;
}

/**
 * Who may start a VM on this node now. A place spreads bursts and gives no right to block others: tenants (namespaces)
 * take turns, a place whose holder waits for something is given to the next, and a tenant that was slow once comes
 * after those that were not.
 */
export class StartPlaces {
  private readonly holders = new Set<Holder>();
  private readonly fresh = new FairQueue<Waiter>();
  /** Starts of VMs that had a place for too long before. */
  private readonly again = new FairQueue<Waiter>();
  /** Those VMs, until they start or are deleted. */
  private readonly slow = new Set<string>();
  private entered = 0;
  private cancelTimer: () => void = () => undefined;

  constructor(
    private readonly clock: Clock,
    private readonly places: number = PLACES,
  ) {}

  /** Starts that wait. */
  get waiting(): number {
    return this.fresh.size + this.again.size;
  }

  /** Runs the task when it has a place. `key`: whose start it is. */
  async run<T>(tenant: string, key: string, task: () => Promise<T>): Promise<T> {
    const holder = await new Promise<Holder>((enter) => {
      (this.slow.has(key) ? this.again : this.fresh).push(tenant, { tenant, enter });
      this.pump();
    });
    const wasSlow = (): boolean => this.clock.now() - holder.since >= LEND_TO_ANYBODY_MS;
    try {
      const result = await task();
      if (!wasSlow()) this.slow.delete(key);
      return result;
    } finally {
      if (wasSlow()) this.slow.add(key);
      this.holders.delete(holder);
      this.pump();
    }
  }

  /** The VM is deleted: nothing is remembered of it. */
  forget(key: string): void {
    this.slow.delete(key);
  }

  /** Admits the starts that may begin, and checks again when a place can be lent. */
  private pump(): void {
    while (this.enterOne());
    this.cancelTimer();
    const after = this.nextLoan();
    this.cancelTimer = after === undefined ? () => undefined : this.clock.after(after, () => this.pump());
  }

  private enterOne(): boolean {
    if (this.waiting === 0) return false;
    if (this.taken < this.places) {
      const turn = (this.entered + 1) % SLOW_TURN === 0 ? [this.again, this.fresh] : [this.fresh, this.again];
      return this.enter(turn, () => true);
    }
    const oldest = this.oldest();
    if (oldest === undefined) return false;
    const heldMs = this.clock.now() - oldest.since;
    if (heldMs >= LEND_TO_ANYBODY_MS) {
      oldest.lent = true;
      return true;
    }
    if (heldMs < LEND_TO_STRANGER_MS || !this.enter([this.fresh, this.again], this.isStranger)) return false;
    oldest.lent = true;
    return true;
  }

  /** The next of the first queue that has one. */
  private enter(queues: readonly FairQueue<Waiter>[], of: (tenant: string) => boolean): boolean {
    const waiter = queues.find((queue) => queue.some(of))?.shift(of);
    if (waiter === undefined) return false;
    this.entered += 1;
    const holder: Holder = { tenant: waiter.tenant, since: this.clock.now(), lent: false };
    this.holders.add(holder);
    waiter.enter(holder);
    return true;
  }

  private get taken(): number {
    return [...this.holders].filter(({ lent }) => !lent).length;
  }

  /** Holders are in the order in which they came. */
  private oldest(): Holder | undefined {
    return [...this.holders].find(({ lent }) => !lent);
  }

  /** A tenant that has a start under way, with a place or without, has had its turn. */
  private readonly isStranger = (tenant: string): boolean =>
    ![...this.holders].some((holder) => holder.tenant === tenant);

  /** Milliseconds until the oldest place can be lent to a waiting start. */
  private nextLoan(): number | undefined {
    const oldest = this.waiting === 0 ? undefined : this.oldest();
    if (oldest === undefined) return undefined;
    const stranger = this.fresh.some(this.isStranger) || this.again.some(this.isStranger);
    const lendMs = stranger ? LEND_TO_STRANGER_MS : LEND_TO_ANYBODY_MS;
    return Math.max(0, oldest.since + lendMs - this.clock.now());
  }
}
