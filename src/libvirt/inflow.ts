/**
 * Reading: takes frames from the socket no faster than the limits allow and only so many per turn of the event loop, so
 * that one daemon that floods us cannot starve what else the process does. What is not read waits in the socket, and
 * then in the daemon.
 */
import type { Socket } from 'node:net';
import { LimitError } from './errors.js';
import type { Frame } from './frame.js';
import { FrameSplitter } from './frame-splitter.js';
import { TokenBucket, type ConnectionLimits } from './limits.js';

export interface InflowListener {
  /** Bytes came. */
  heard(): void;
  /** A frame came. What it throws is given to `failed`. */
  frame(frame: Frame): void;
  /** Nothing can be read any more. */
  failed(error: unknown): void;
}

export class Inflow {
  readonly #socket: Socket;
  readonly #limits: ConnectionLimits;
  readonly #listener: InflowListener;
  readonly #splitter: FrameSplitter;
  readonly #bytes: TokenBucket;
  readonly #frames: TokenBucket;
  /** Who wants nothing to be read at the moment. */
  readonly #holding = new Set<unknown>();
  /** Frames of the chunk in hand that are still to be dealt with. */
  #rest: Iterator<Frame, void> | undefined;
  #working = false;
  #stopped = false;
  #deadline: NodeJS.Timeout | undefined;

  constructor(socket: Socket, limits: ConnectionLimits, listener: InflowListener) {
    this.#socket = socket;
    this.#limits = limits;
    this.#listener = listener;
    this.#splitter = new FrameSplitter(limits);
    this.#bytes = new TokenBucket(limits.bytesPerSecond, limits.bytesPerSecond);
    this.#frames = new TokenBucket(limits.framesPerSecond, limits.framesPerSecond);
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
  }

  /** Nothing is read at the moment, so silence is our own doing. */
  get paused(): boolean {
    return this.#holding.size > 0;
  }

  /** Stops reading until `who` resumes. */
  pause(who: unknown): void {
    this.#holding.add(who);
    this.#socket.pause();
  }

  resume(who: unknown): void {
    if (!this.#holding.delete(who) || this.#holding.size > 0 || this.#working) return;
    // Not at once: the caller that resumes may be in the middle of something.
    setImmediate(() => this.#work());
  }

  /** Ends it: what came and was not dealt with is forgotten. */
  stop(): void {
    this.#stopped = true;
    this.#rest = undefined;
    clearTimeout(this.#deadline);
  }

  #take(chunk: Buffer): void {
    if (this.#stopped) return;
    this.#listener.heard();
    this.#bytes.take(chunk.length);
    this.#rest = this.#splitter.push(chunk);
    this.#work();
  }

  #work(): void {
    if (this.#stopped || this.#working || this.paused) return;
    this.#working = true;
    try {
      this.#dealWithSome();
    } catch (error) {
      this.#listener.failed(error);
    } finally {
      this.#working = false;
    }
    this.#goOn();
  }

  #dealWithSome(): void {
    for (let count = 0; count < this.#limits.framesPerTurn && this.#rest && !this.paused; count++) {
      const { value, done } = this.#rest.next();
      if (done === true) {
        this.#rest = undefined;
        return;
      }
      this.#frames.take(1);
      this.#newDeadline();
      this.#listener.frame(value);
    }
  }

  #goOn(): void {
    if (this.#stopped) return;
    if (this.#splitter.buffered > 0) this.#deadline ??= this.#startDeadline();
    const waitMs = Math.max(this.#bytes.waitMs, this.#frames.waitMs);
    if (waitMs > 0) this.#later((work) => setTimeout(work, waitMs));
    else if (this.paused) return;
    else if (this.#rest) this.#later(setImmediate);
    else this.#socket.resume();
  }

  #later(schedule: (work: () => void) => unknown): void {
    this.pause(this);
    schedule(() => {
      this.#holding.delete(this);
      this.#work();
    });
  }

  /** A frame is complete: the time of the next one begins. */
  #newDeadline(): void {
    clearTimeout(this.#deadline);
    this.#deadline = undefined;
  }

  #startDeadline(): NodeJS.Timeout {
    const { frameSeconds } = this.#limits;
    return setTimeout(() => {
      this.#deadline = undefined;
      // While we do not read, the daemon cannot continue.
      if (this.paused) this.#deadline = this.#startDeadline();
      else this.#listener.failed(new LimitError('frameSeconds', frameSeconds, 'a message has not ended in time'));
    }, frameSeconds * 1000);
  }
}
