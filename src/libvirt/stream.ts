/**
 * Streams: bytes in both directions that belong to one call (a console, a screenshot).
 *
 * The protocol has no flow control per stream, only the socket's. Writing waits for the socket. Reading: when nobody
 * takes the bytes and `unreadBytes` of them are waiting, the whole connection stops reading until they are taken; give
 * a stream that may be read slowly a connection of its own.
 */
import { Duplex } from 'node:stream';
import { ByteQueue } from './byte-queue.js';
import { readError } from './call-table.js';
import { ConnectionClosedError, LimitError, ProtocolError } from './errors.js';
import { MessageStatus, MessageType, STREAM_PACKET_MAX, type Frame } from './frame.js';

/** Smaller packets are put together while they wait: an object for each would cost more than its bytes. */
const SMALL_PACKET = 4_096;
/** Packets other than data before the answer to the call: the end of the data, the end of the stream, and room. */
const EARLY_MAX = 8;

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
  readonly #unreadMax: number;
  /** Data that Node's buffer does not hold yet. */
  readonly #waiting = new ByteQueue();
  /** The daemon said that nothing follows, or the connection is closed. */
  #over = false;
  #readEnded = false;
  #finished: ((error?: Error | null) => void) | undefined;
  /** What arrived before the caller had the stream in hand, and so could not have listened for errors. */
  #early: (() => void)[] | undefined = [];

  constructor(procedure: string, transport: StreamTransport, unreadMax: number) {
    super({ allowHalfOpen: false, readableHighWaterMark: unreadMax });
    this.#procedure = procedure;
    this.#transport = transport;
    this.#unreadMax = unreadMax;
  }

  /** For the connection: the caller has the stream, everything that arrived may be delivered. */
  start(): void {
    const early = this.#early ?? [];
    this.#early = undefined;
    this.#refill();
    for (const deliver of early) deliver();
  }

  /** For the connection: one packet of this stream arrived. Throws LimitError. */
  receive(frame: Frame): void {
    if (isData(frame)) this.#receiveData(frame.payload);
    else if (!this.#early) this.#receive(frame);
    else if (this.#early.length < EARLY_MAX) this.#early.push(() => this.#receive(frame));
    else throw this.#tooMuch();
  }

  /** Called by the connection: it is closed, or the stream was never opened. */
  connectionLost(error: Error | undefined): void {
    this.#over = true;
    if (this.#early) this.#early.push(() => this.destroy(error));
    else this.destroy(error);
  }

  #receiveData(data: Buffer): void {
    if (this.destroyed || this.#readEnded || this.#over) return;
    if (!this.#early && this.#waiting.length === 0 && (data.length >= SMALL_PACKET || this.readableLength === 0)) {
      // A copy: the packet is a part of something larger, which would be kept with it.
      this.push(Buffer.from(data));
    } else this.#waiting.add(data);
    if (this.#unread < this.#unreadMax) return;
    // Before the answer to the call there is nobody who could read, and the answer must be read.
    if (this.#early) throw this.#tooMuch();
    this.#transport.pause();
  }

  get #unread(): number {
    return this.readableLength + this.#waiting.length;
  }

  #tooMuch(): LimitError {
    return new LimitError('unreadBytes', this.#unreadMax, `${this.#procedure}: data came before the stream was open`);
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
    } else this.#endReading();
  }

  override _read(): void {
    this.#refill();
  }

  /** Every way of reading comes through here, and knows afterwards what is left. */
  override read(size?: number): unknown {
    const data: unknown = super.read(size);
    this.#refill();
    return data;
  }

  #refill(): void {
    if (this.#early) return;
    if (this.#waiting.length > 0 && this.readableLength === 0 && !this.destroyed) {
      this.push(this.#waiting.take());
      if (this.#readEnded) this.push(null);
    }
    if (this.#unread < this.#unreadMax) this.#transport.resume();
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
    if (this.#waiting.length === 0) this.push(null);
  }

  #conclude(): void {
    this.#over = true;
    this.#transport.release();
  }
}

const isData = ({ type, status, payload }: Frame): boolean =>
  type === MessageType.STREAM && status === MessageStatus.CONTINUE && payload.length > 0;
