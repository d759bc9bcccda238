import type { Clock } from '../../kube/clock.js';

/** A VM's life has a dozen changes, then one now and then; more are spread out, one per this many milliseconds. */
const LOOKS_AT_ONCE = 30;
const LOOK_EVERY_MS = 5_000;

/**
 * When to look at a VM that says it changed. A guest can open and close its agent's channel without end, and each look
 * may write to the API server.
 */
export class ObserveRate {
  private spentUntil = 0;
  constructor(private readonly clock: Clock) {}

  /** Milliseconds until the look. */
  take(): number {
    const now = this.clock.now();
    const until = Math.max(this.spentUntil, now) + LOOK_EVERY_MS;
    if (until <= now + LOOKS_AT_ONCE * LOOK_EVERY_MS) {
      this.spentUntil = until;
      return 0;
    }
    // Not charged: all changes until then are seen by the one look.
    return until - now - LOOKS_AT_ONCE * LOOK_EVERY_MS;
  }
}
