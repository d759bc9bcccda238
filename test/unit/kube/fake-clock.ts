import type { Clock } from '../../../src/kube/clock.js';

interface Timer {
  at: number;
  callback: () => void;
}

/** Time that moves when the test says so. */
export class FakeClock implements Clock {
  private timers: Timer[] = [];

  constructor(
    private time = Date.parse('2026-01-01T00:00:00Z'),
    /** What `random` answers, always. */
    public chance = 0,
  ) {}

  now(): number {
    return this.time;
  }

  random(): number {
    return this.chance;
  }

  after(milliseconds: number, callback: () => void): () => void {
    const timer = { at: this.time + milliseconds, callback };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((other) => other !== timer);
    };
  }

  /** Milliseconds until each timer, the nearest first. */
  get waiting(): number[] {
    return this.timers.map(({ at }) => at - this.time).sort((left, right) => left - right);
  }

  /** Moves on, calling timers in their order, with the promises that they settle. */
  async advance(milliseconds: number): Promise<void> {
    const end = this.time + milliseconds;
    await settle();
    for (;;) {
      const [next] = this.timers.filter(({ at }) => at <= end).sort((left, right) => left.at - right.at);
      if (!next) break;
      this.timers = this.timers.filter((other) => other !== next);
      this.time = Math.max(this.time, next.at);
      next.callback();
      await settle();
    }
    this.time = end;
    await settle();
  }
}

/** Lets everything run that waits for nothing but a promise. */
export const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};
