import { setTimeout } from 'node:timers/promises';

const PAUSE_MS = 5;

/** Calls one after the other on each of some lanes, until told to end. */
export class Load {
  private over = false;
  private calls = 0;
  private readonly failures: string[] = [];
  private readonly lanes: Promise<void>[];

  /** `call` is one call of a lane, numbered from 0; what it throws is a failure. */
  constructor(
    private readonly call: (lane: number) => Promise<void>,
    lanes: number,
  ) {
    this.lanes = Array.from({ length: lanes }, (_, lane) => this.run(lane));
  }

  private async run(lane: number): Promise<void> {
    while (!this.over) {
      try {
        await this.call(lane);
        this.calls += 1;
      } catch (error) {
        this.failures.push(String(error));
      }
      // Load is what is there all the time, not all that a core can do: others need it too.
      await setTimeout(PAUSE_MS);
    }
  }

  /** Calls that went well, until now. */
  get done(): number {
    return this.calls;
  }

  async end(): Promise<{ calls: number; failures: readonly string[] }> {
    this.over = true;
    await Promise.all(this.lanes);
    return { calls: this.calls, failures: this.failures };
  }
}
