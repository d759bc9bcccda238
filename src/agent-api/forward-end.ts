import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { CloseCode, MAX_REASON_BYTES, PING_INTERVAL_MS, SILENCE_LIMIT_MS } from './stream.js';

/*
 * Either end of a forwarded connection: the agent's, whose socket is the guest's, and the plugin's, whose socket is a
 * local program's. Both do the same (forward.ts).
 */

/** Bytes on their way to a slow peer before the socket is read no further. */
const HIGH_WATER_BYTES = 256 * 1024;
const LOW_WATER_BYTES = 64 * 1024;
/** Messages on their way: each costs hundreds of bytes, whatever it holds. */
const MOST_MESSAGES = 64;
/** A socket that has nothing more to say, and takes none of its last bytes for so long, is not waited for. */
const LINGER_MS = 10_000;
/** Nor one that takes them drop by drop. */
const MOST_LINGER_MS = 60_000;
const NOTHING = Buffer.alloc(0);

/** How it ended: as the close frame says, whoever sent it. */
export interface ForwardEnding {
  readonly code: number;
  readonly reason: string;
  /** The other end said so, and not the socket here. */
  readonly byPeer: boolean;
}

/** Pings a peer, and ends it where it is silent. */
export const keepAlive = (peer: WebSocket): void => {
  let heardAt = Date.now();
  const heard = (): void => {
    heardAt = Date.now();
  };
  peer.on('pong', heard).on('ping', heard).on('message', heard);
  const timer = setInterval(() => {
    // A paused peer cannot deliver its pong; back-pressure is not silence.
    if (!peer.isPaused && Date.now() - heardAt > SILENCE_LIMIT_MS) peer.terminate();
    else if (peer.readyState === peer.OPEN) peer.ping();
  }, PING_INTERVAL_MS);
  timer.unref();
  peer.once('close', () => clearInterval(timer));
};

/** What fits into a close frame. */
export const closeReason = (text: string): string => {
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.length <= MAX_REASON_BYTES) return text;
  // A character that was cut in half becomes U+FFFD (3 bytes); leaving it off keeps within the limit.
  return bytes
    .subarray(0, MAX_REASON_BYTES - 3)
    .toString('utf8')
    .replace(/\uFFFD+$/, '');
};

/** As an error of a socket is said to the other end. */
const reasonOf = (error: Error): string =>
  (error as NodeJS.ErrnoException).code === 'ECONNRESET' ? 'the connection was reset' : error.message;

/** A socket whose end can be told from a reset. */
type Resettable = Duplex & { readonly resetAndDestroy?: () => unknown };

/** Of a pipe there is no reset. */
const reset = (socket: Resettable): void => {
  try {
    socket.resetAndDestroy?.();
  } catch {
    // ERR_INVALID_HANDLE_TYPE
  }
  socket.destroy();
};

/** A stream and a WebSocket, joined until both directions have ended, or one has where the protocol knows no half. */
export class ForwardEnd {
  /** Never rejects. */
  readonly ended: Promise<ForwardEnding>;
  /** The socket is closed too, which has taken what it was to take. Never rejects. */
  readonly gone: Promise<unknown>;
  private settle: (ending: ForwardEnding) => void = () => undefined;
  private over = false;
  private socketSaidAll = false;
  private peerSaidAll = false;
  private toPeer = 0;
  private toSocket = 0;

  /**
   * @param socket allows half-open ends
   * @param halfClose whether the WebSocket's protocol is HALF_CLOSE_PROTOCOL
   */
  constructor(
    private readonly socket: Resettable,
    private readonly peer: WebSocket,
    private readonly halfClose: boolean,
  ) {
    this.ended = new Promise((resolve) => (this.settle = resolve));
    this.gone = socket.closed ? this.ended : new Promise<void>((resolve) => socket.once('close', () => resolve()));
    socket.on('data', (chunk: Buffer) => this.send(chunk));
    socket.on('end', () => this.socketEnded());
    socket.on('error', (error: Error) => this.close(CloseCode.relayError, reasonOf(error)));
    socket.on('close', () => this.close(CloseCode.ended, ''));
    peer.on('message', (data: Buffer, isBinary: boolean) => this.take(data, isBinary));
    // 'close' follows, with 1006.
    peer.on('error', () => undefined);
    peer.on('close', (code: number, reason: Buffer) => this.peerClosed(code, reason.toString('utf8')));
    keepAlive(peer);
    // It may have ended before anybody listened.
    if (socket.destroyed) this.close(CloseCode.relayError, 'the connection was reset');
    socket.resume();
    peer.resume();
  }

  private send(chunk: Buffer): void {
    if (this.over) return;
    this.toPeer += 1;
    this.peer.send(chunk, { binary: true }, () => {
      this.toPeer -= 1;
      if (this.peer.bufferedAmount <= LOW_WATER_BYTES && this.toPeer < MOST_MESSAGES / 2) this.socket.resume();
    });
    if (this.peer.bufferedAmount > HIGH_WATER_BYTES || this.toPeer >= MOST_MESSAGES) this.socket.pause();
  }

  private socketEnded(): void {
    if (this.over || this.socketSaidAll) return;
    this.socketSaidAll = true;
    if (!this.halfClose || this.peerSaidAll) this.close(CloseCode.ended, '');
    else this.peer.send(NOTHING, { binary: true });
  }

  private take(data: Buffer, isBinary: boolean): void {
    // Text is not part of the protocol: the reference drops it, and so do we.
    if (this.over || !isBinary || this.peerSaidAll) return;
    if (data.length === 0) {
      if (!this.halfClose) return;
      this.peerSaidAll = true;
      this.socket.end();
      if (this.socketSaidAll) this.close(CloseCode.ended, '');
      return;
    }
    this.toSocket += 1;
    const taken = this.socket.write(data, () => {
      this.toSocket -= 1;
      if (this.peer.isPaused && !this.socket.writableNeedDrain && this.toSocket < MOST_MESSAGES / 2) this.peer.resume();
    });
    if (!taken || this.toSocket >= MOST_MESSAGES) this.peer.pause();
  }

  private peerClosed(code: number, reason: string): void {
    if (this.over) return;
    this.over = true;
    this.endSocket(code);
    this.settle({ code, reason, byPeer: true });
  }

  /** What has been taken is still sent on, both ways, where it ends in order. */
  close(code: number, reason: string): void {
    if (this.over) return;
    this.over = true;
    // A paused peer would never read the answer to the close frame.
    this.peer.resume();
    this.peer.close(code, closeReason(reason));
    this.endSocket(code);
    this.settle({ code, reason, byPeer: false });
  }

  /** In the official protocol both ends close their TCP connection when they are done, and send no close frame. */
  private isOrderly(code: number): boolean {
    return code === CloseCode.ended || code === CloseCode.lost || (code === CloseCode.broken && !this.halfClose);
  }

  private endSocket(code: number): void {
    const { socket } = this;
    // Nobody wants what comes from here on, and a socket that nobody reads never closes.
    socket.resume();
    if (!this.isOrderly(code)) {
      // Who is at the other end must not take what it has for all there is.
      reset(socket);
      return;
    }
    socket.end();
    let left = socket.writableLength;
    const until = performance.now() + MOST_LINGER_MS;
    const linger = setInterval(() => {
      if (socket.writableLength === left || performance.now() >= until) socket.destroy();
      left = socket.writableLength;
    }, LINGER_MS);
    linger.unref();
    socket.once('close', () => clearInterval(linger));
  }
}
