/**
 * Limits: what one daemon may cost the process that talks to it. Any program may answer at the socket, and a program
 * that talks to many daemons must not be brought down by one of them. A limit on speed slows the daemon down (its bytes
 * wait in the socket); any other ends the connection with LimitError.
 */
import { FRAME_MAX } from './frame-size.js';

export interface ConnectionLimits {
  /** Bytes of one message. Default: the protocol's maximum, 32 MiB. A program knows better what it asks for. */
  readonly frameBytes: number;
  /** Bytes of one message that brings no data that was asked for: an event, an error, a keep-alive. Default 1 MiB. */
  readonly eventBytes: number;
  /** Seconds from the first byte of a message to its last. Default 30. */
  readonly frameSeconds: number;
  /** Items of all lists of one message together, nested ones too. Default 1,048,576. */
  readonly listItems: number;
  /**
   * Events that came before the answer to the registration that they belong to. Default 64: there is hardly ever one.
   */
  readonly earlyEvents: number;
  /**
   * Unusable messages (malformed events, answers that nobody waits for) at once; one more is allowed each second.
   * Default 64.
   */
  readonly strayMessages: number;
  /** Calls that were given up after `callTimeoutSeconds` and are still unanswered. Default 64. */
  readonly abandonedCalls: number;
  /** Calls that wait in line; one more is rejected, and the connection stays open. Default 10,000. */
  readonly waitingCalls: number;
  /**
   * Streams that are open, or closed by us and not yet by the daemon; one more is rejected, and the connection stays
   * open. Default 256.
   */
  readonly streams: number;
  /** Bytes of one stream that nobody has read; then the connection stops reading. Default 1 MiB. */
  readonly unreadBytes: number;
  /** Bytes that we sent and the daemon has not read. Default 64 MiB: two of the largest messages. */
  readonly unsentBytes: number;
  /** Bytes read a second; as many may come at once. Default 64 MiB. */
  readonly bytesPerSecond: number;
  /** Messages read a second; as many may come at once. Default 20,000. */
  readonly framesPerSecond: number;
  /** Messages dealt with before others of the process get their turn. Default 64: some tenths of a millisecond. */
  readonly framesPerTurn: number;
}

export const DEFAULT_LIMITS: ConnectionLimits = {
  frameBytes: FRAME_MAX,
  eventBytes: 1_048_576,
  frameSeconds: 30,
  listItems: 1_048_576,
  earlyEvents: 64,
  strayMessages: 64,
  abandonedCalls: 64,
  waitingCalls: 10_000,
  streams: 256,
  unreadBytes: 1_048_576,
  unsentBytes: 2 * FRAME_MAX,
  bytesPerSecond: 67_108_864,
  framesPerSecond: 20_000,
  framesPerTurn: 64,
};

/** The defaults with some of them replaced. Throws TypeError for what is no limit. */
export function withDefaults(limits: Partial<ConnectionLimits> = {}): ConnectionLimits {
  const all = { ...DEFAULT_LIMITS, ...limits };
  for (const [name, value] of Object.entries(all)) {
    if (!(typeof value === 'number' && value > 0)) {
      throw new TypeError(`the limit ${name} is ${String(value)}; it must be a number above 0`);
    }
  }
  return all;
}

/** A stock that fills up with time: something may be done at once so often, and then so often a second. */
export class TokenBucket {
  readonly #capacity: number;
  readonly #perMillisecond: number;
  readonly #now: () => number;
  #tokens: number;
  #at: number;

  /** @param now - milliseconds of a clock that never goes back; for tests. */
  constructor(capacity: number, perSecond: number, now: () => number = () => performance.now()) {
    this.#capacity = capacity;
    this.#perMillisecond = perSecond / 1000;
    this.#now = now;
    this.#tokens = capacity;
    this.#at = now();
  }

  /** Takes tokens, more than there are if need be: what has come has come. */
  take(count: number): void {
    this.#refill();
    this.#tokens -= count;
  }

  /** Takes one if there is one. */
  tryTake(): boolean {
    this.#refill();
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  /** Milliseconds until nothing is owed. */
  get waitMs(): number {
    this.#refill();
    return this.#tokens >= 0 ? 0 : -this.#tokens / this.#perMillisecond;
  }

  #refill(): void {
    const now = this.#now();
    this.#tokens = Math.min(this.#capacity, this.#tokens + (now - this.#at) * this.#perMillisecond);
    this.#at = now;
  }
}
