/**
 * Streams: bytes in both directions that belong to one call (a console, a screenshot).
 *
 * The protocol has no flow control per stream, only the socket's. Writing waits for the socket. Reading: when nobody
 * takes the bytes and UNREAD_MAX are waiting, the whole connection stops reading until they are taken; give a stream
 * that may be read slowly a connection of its own.
 */
import { Duplex } from 'node:stream';
import { readError } from './call-table.js';
import { ConnectionClosedError, ProtocolError } from './errors.js';
import { MessageStatus, MessageType, STREAM_PACKET_MAX, type Frame } from './frame.js';

/** Bytes that may wait to be read before the connection stops reading. */
export const UNREAD_MAX = 1_048_576;

/** What a stream needs of its connection. */
export interface StreamTransport {
  /** Sends one packet of this stream; `sent` is called when the socket took it. */
  send(status: number, data: Uint8Array, sent: (error?: Error | null) => void): void;
  pause(): void;
  resume(): void;
  /** No packet will come any more. */
  release(): void;
}

const EMPTY = new Uint8Array(0);

/**
 * A duplex stream over libvirt. `end()` finishes it in order (waits for the daemon's confirmation), `destroy()` aborts
 * it. The daemon's end of data (the guest stopped) ends both sides. Errors of the daemon arrive as LibvirtError.
 */
export class LibvirtStream extends Duplex {
  readonly #procedure: string;
  readonly #transport: StreamTransport;
  /** The daemon said that nothing follows, or the connection is gone. */
  #over = false;
  #readEnded = false;
  #finished: ((error?: Error | null) => void) | undefined;
  /** What arrived before the caller had the stream in hand, and so could not have listened for errors. */
  #early: (() => void)[] | undefined = [];

  constructor(procedure: string, transport: StreamTransport) {
    super({ allowHalfOpen: false, readableHighWaterMark: UNREAD_MAX });
    this.#procedure = procedure;
    this.#transport = transport;
  }

  /** For the connection: the caller has the stream, everything that arrived may be delivered. */
  start(): void {
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const deliver of early) deliver();
  }

  /** For the connection: one packet of this stream arrived. */
  receive(frame: Frame): void {
    if (this.#early) this.#early.push(() => this.#receive(frame));
    else this.#receive(frame);
  }

  /** For the connection: it is gone, or the stream was never opened. */
  connectionLost(error: Error | undefined): void {
    this.#over = true;
    if (this.#early) this.#early.push(() => this.destroy(error));
    else this.destroy(error);
  }

  #receive(frame: Frame): void {
    if (frame.status === MessageStatus.ERROR) {
      this.#conclude();
      // An aborted stream's error is of no interest any more.
      this.destroy(readError(frame.payload, this.#procedure));
    } else if (frame.type === MessageType.STREAM_HOLE) {
      this.destroy(new ProtocolError(`${this.#procedure}: a hole in a stream that was not opened as sparse`));
    } else if (frame.status === MessageStatus.OK) {
      this.#conclude();
      this.#endReading();
      this.#finished?.();
    } else if (frame.payload.length === 0) {
      this.#endReading();
    } else if (!this.destroyed && !this.#readEnded && !this.push(frame.payload)) {
      this.#transport.pause();
    }
  }

  override _read(): void {
    this.#transport.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.#over) {
      done(
        new ConnectionClosedError('closed', `${this.#procedure}: the stream has ended, nothing more can be written`),
      );
      return;
    }
    this.#writeFrom(chunk, 0, done);
  }

  /** The daemon must confirm that it took everything. */
  override _final(done: (error?: Error | null) => void): void {
    if (this.#over) {
      done();
      return;
    }
    this.#finished = done;
    this.#transport.send(MessageStatus.OK, EMPTY, (error) => {
      if (error) done(error);
    });
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#transport.resume();
    // Packets may still come until the daemon confirms; the connection keeps the serial and they are swallowed here.
    if (!this.#over && !this.#finished) this.#transport.send(MessageStatus.ERROR, EMPTY, () => undefined);
    done(error);
  }

  #writeFrom(chunk: Buffer, start: number, done: (error?: Error | null) => void): void {
    const end = Math.min(start + STREAM_PACKET_MAX, chunk.length);
    this.#transport.send(MessageStatus.CONTINUE, chunk.subarray(start, end), (error) => {
      if (error || end === chunk.length) done(error);
      else this.#writeFrom(chunk, end, done);
    });
  }

  #endReading(): void {
    if (this.destroyed || this.#readEnded) return;
    this.#readEnded = true;
    this.push(null);
  }

  #conclude(): void {
    this.#over = true;
    this.#transport.release();
  }
}
