/** Time and chance as arguments, so that no timing decides a unit test. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls back once after `milliseconds`; the returned function cancels it. */
  after(milliseconds: number, callback: () => void): () => void;
  /** Uniform in [0, 1). */
  random(): number;
}

/**
 * Node's timers take no more (24.8 days): a longer one would fire at once, and a loop that waits so would be a hot one.
 */
const MAX_TIMER_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  after: (milliseconds, callback) => {
    const until = Date.now() + milliseconds;
    const arm = (left: number): NodeJS.Timeout =>
      setTimeout(
        () => {
          if (left <= MAX_TIMER_MS) callback();
          else timer = arm(until - Date.now());
        },
        Math.min(left, MAX_TIMER_MS),
      );
    let timer = arm(milliseconds);
    return () => {
      clearTimeout(timer);
    };
  },
  random: () => Math.random(),
};

/** Resolves after `milliseconds`, or earlier when the signal aborts; never rejects. */
export const sleep = (clock: Clock, milliseconds: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal?.aborted) {
      resolve();
      return;
    }
    const done = (): void => {
      cancel();
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const cancel = clock.after(milliseconds, done);
    signal?.addEventListener('abort', done);
  });

/**
 * Exponential delays with jitter: `base · 2ⁿ`, times a random 1…2, at most `cap`. Jitter keeps many clients of one API
 * server from coming back in step after it was away (docs/reference/measurements.md §2: #1933, a restart storm without
 * jitter).
 */
export class Backoff {
  private failures = 0;

  constructor(
    private readonly clock: Clock,
    /** Milliseconds. */
    private readonly base: number,
    private readonly cap: number,
  ) {}

  next(): number {
    // 2^20 × 1 ms is far beyond any cap in use; the limit keeps the power finite.
    const delay = this.base * 2 ** Math.min(this.failures, 20) * (1 + this.clock.random());
    this.failures += 1;
    return Math.min(delay, this.cap);
  }

  reset(): void {
    this.failures = 0;
  }

  get attempts(): number {
    return this.failures;
  }
}
