import type { Clock } from '../../kube/clock.js';
import type { Session } from './session.js';

/** How often it is looked: a small file of the kernel's for each VM. */
const EVERY_MS = 15_000;
/** A rate over less time says more of the kernel's ticks than of the guest. */
const SHORTEST_MS = 5_000;
/** Of a VM that was never looked at. */
const FIRST_LOOK_MS = 1_000;

type Counted = Pick<Session, 'cpuSeconds'>;

interface Sample {
  readonly at: number;
  readonly seconds: number;
}

export interface CpuRate {
  readonly cores: number;
  readonly windowSeconds: number;
}

/**
 * How much of the node's processors each VM has had lately, so that whoever asks is answered at once. The last two
 * looks are kept of each; what is asked for is the time since the younger one that is old enough.
 */
export class CpuRates {
  private readonly samples = new WeakMap<Counted, readonly Sample[]>();
  private stopTimer: () => void = () => undefined;
  private stopped = false;

  constructor(
    private readonly sessions: () => readonly Counted[],
    private readonly clock: Clock,
  ) {}

  start(): void {
    if (this.stopped) return;
    this.stopTimer = this.clock.after(EVERY_MS, () => this.start());
    for (const session of this.sessions()) void this.look(session);
  }

  stop(): void {
    this.stopped = true;
    this.stopTimer();
  }

  /** Undefined while nothing is known of it. */
  async rate(session: Counted): Promise<CpuRate | undefined> {
    if (this.samples.get(session) === undefined) {
      if ((await this.look(session)) === undefined) return undefined;
      await new Promise<void>((resolve) => this.clock.after(FIRST_LOOK_MS, resolve));
      return this.since(session, FIRST_LOOK_MS / 2);
    }
    return this.since(session, SHORTEST_MS);
  }

  private async since(session: Counted, shortest: number): Promise<CpuRate | undefined> {
    const before = this.samples.get(session) ?? [];
    const now = await this.sample(session);
    const from = before.find(({ at }) => now !== undefined && now.at - at >= shortest) ?? before.at(-1);
    if (now === undefined || from === undefined) return undefined;
    const windowSeconds = (now.at - from.at) / 1000;
    const used = now.seconds - from.seconds;
    return windowSeconds > 0 && used >= 0 ? { cores: used / windowSeconds, windowSeconds } : undefined;
  }

  private async look(session: Counted): Promise<Sample | undefined> {
    const sample = await this.sample(session);
    const [last] = this.samples.get(session) ?? [];
    if (sample === undefined) this.samples.delete(session);
    else this.samples.set(session, last === undefined ? [sample] : [sample, last]);
    return sample;
  }

  private async sample(session: Counted): Promise<Sample | undefined> {
    try {
      const seconds = await session.cpuSeconds();
      return seconds === undefined ? undefined : { at: this.clock.now(), seconds };
    } catch {
      // Its launcher has ended.
      return undefined;
    }
  }
}
