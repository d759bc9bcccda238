import { errorMessage } from '../client/api-error.js';
import { Backoff, sleep, type Clock } from '../clock.js';
import type { Log } from '../program/log.js';

export interface RecurringOptions {
  readonly turn: () => Promise<unknown>;
  /** Milliseconds until the next turn. */
  readonly pause: () => number;
  /** Milliseconds after one that failed, and the most after many; undefined: as after any other. */
  readonly retry?: { readonly first: number; readonly most: number };
  /** What a turn that fails is logged as. */
  readonly failed: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** What a program does again and again until it is stopped. A turn that fails is logged, and tried again. */
export class Recurring {
  private readonly stopping = new AbortController();
  private waking = new AbortController();
  private running: Promise<void> | undefined;

  constructor(private readonly options: RecurringOptions) {}

  /** Aborts when it is to stop: for what a turn waits for. */
  get signal(): AbortSignal {
    return this.stopping.signal;
  }

  start(): void {
    this.running ??= this.keep();
  }

  /** Does not wait for the next turn. One that is under way has another after it. */
  wake(): void {
    this.waking.abort();
  }

  /** Resolves when the turn that is under way has ended. */
  async stop(): Promise<void> {
    this.stopping.abort();
    this.waking.abort();
    await this.running;
  }

  private isStopping(): boolean {
    return this.signal.aborted;
  }

  private async keep(): Promise<void> {
    const { turn, pause, retry, failed, clock, log } = this.options;
    const backoff = retry && new Backoff(clock, retry.first, retry.most);
    while (!this.isStopping()) {
      // Before the turn: what changes meanwhile has its own.
      this.waking = new AbortController();
      let delay: number;
      try {
        await turn();
        backoff?.reset();
        delay = pause();
      } catch (error) {
        delay = backoff?.next() ?? pause();
        // What was broken off by the stop did not fail.
        if (!this.isStopping()) log.warn({ error: errorMessage(error) }, failed);
      }
      if (!this.isStopping()) await sleep(clock, delay, this.waking.signal);
    }
  }
}
