/**
 * Keep-alive: finds out that the daemon hangs although its socket is open. After `interval` seconds of silence a ping
 * is sent; when `count` pings in a row bring no byte at all, the peer is dead. Source: libvirt's `virkeepalive.c`.
 */
import { encodeRawFrame, MessageStatus, MessageType, Program } from './frame.js';

export interface KeepAliveOptions {
  /** Seconds of silence before a ping; libvirt's default is 5. */
  readonly interval: number;
  /** Unanswered pings before the peer counts as dead; libvirt's default is 5. */
  readonly count: number;
}

export const KeepAliveProcedure = { PING: 1, PONG: 2 } as const;

const EMPTY = new Uint8Array(0);

/** A ping or a pong. */
export const keepAliveFrame = (procedure: number): Buffer =>
  encodeRawFrame(
    { program: Program.KEEP_ALIVE, procedure, type: MessageType.EVENT, serial: 0, status: MessageStatus.OK },
    EMPTY,
  );

export class KeepAlive {
  readonly #options: KeepAliveOptions;
  readonly #actions: { ping: () => void; dead: () => void; paused: () => boolean };
  readonly #timer: NodeJS.Timeout;
  #heard = false;
  #unanswered = 0;

  /**
   * @param actions - `ping` sends one, `dead` is called at most once, `paused` says whether we are not reading at the
   * moment, in which case silence is our own doing.
   */
  constructor(options: KeepAliveOptions, actions: { ping: () => void; dead: () => void; paused: () => boolean }) {
    this.#options = options;
    this.#actions = actions;
    this.#timer = setInterval(() => this.#tick(), options.interval * 1000);
    // The socket decides how long the process lives, not its watchdog.
    this.#timer.unref();
  }

  /** Any byte from the peer proves that it lives. */
  heard(): void {
    this.#heard = true;
    this.#unanswered = 0;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    const quiet = !this.#heard;
    this.#heard = false;
    if (!quiet || this.#actions.paused()) return;
    if (this.#unanswered >= this.#options.count) {
      this.stop();
      this.#actions.dead();
      return;
    }
    this.#unanswered++;
    this.#actions.ping();
  }
}
