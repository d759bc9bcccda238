/** Cuts the socket's bytes, which arrive in pieces of any size, into frames. */
import { LimitError, ProtocolError } from './errors.js';
import {
  decodeFrame,
  decodeHeader,
  FRAME_MAX,
  HEADER_BYTES,
  MessageStatus,
  MessageType,
  Program,
  type Frame,
  type FrameHeader,
} from './frame.js';
import type { ConnectionLimits } from './limits.js';

const LENGTH_BYTES = 4;
/**
 * The room for a frame that comes in pieces grows from this, by doubling: an announced length alone allocates nothing.
 */
const FIRST_ROOM = 4_096;
const NO_BYTES = Buffer.alloc(0);

/**
 * Holds one incomplete frame at most, in one buffer: its bytes are copied a fixed number of times, whatever the size of
 * the pieces, and a piece is not kept. Lengths are judged as soon as the length field has come, kinds as soon as the
 * header has.
 */
export class FrameSplitter {
  readonly #limits: Pick<ConnectionLimits, 'frameBytes' | 'eventBytes'>;
  #bytes: Buffer = NO_BYTES;
  #filled = 0;
  /** The header of the incomplete frame was judged. */
  #judged = false;

  constructor(
    limits: Pick<ConnectionLimits, 'frameBytes' | 'eventBytes'> = { frameBytes: FRAME_MAX, eventBytes: FRAME_MAX },
  ) {
    this.#limits = limits;
  }

  /** Bytes of a frame that is not complete yet. */
  get buffered(): number {
    return this.#filled;
  }

  /** Bytes of memory held for it. */
  get held(): number {
    return this.#bytes.length;
  }

  /**
   * Adds what arrived and yields the frames that are complete. Throws ProtocolError for a frame that libvirt cannot
   * have sent, LimitError for one that is larger than its kind may be.
   */
  *push(chunk: Buffer): Generator<Frame, void> {
    let at = 0;
    while (at < chunk.length) {
      if (this.#filled === 0 && chunk.length - at >= HEADER_BYTES) {
        const length = this.#checkedLength(chunk.subarray(at, at + HEADER_BYTES));
        if (chunk.length - at >= length) {
          yield decodeFrame(chunk.subarray(at, at + length));
          at += length;
          continue;
        }
      }
      at += this.#take(chunk, at);
      const frame = this.#complete();
      if (frame) yield frame;
    }
  }

  /** Copies what belongs to the frame that is under way, up to the next place where something can be judged. */
  #take(chunk: Buffer, at: number): number {
    const wanted = this.#nextStop();
    const count = Math.min(wanted - this.#filled, chunk.length - at);
    this.#makeRoom(this.#filled + count, wanted);
    chunk.copy(this.#bytes, this.#filled, at, at + count);
    this.#filled += count;
    return count;
  }

  #nextStop(): number {
    if (this.#filled < LENGTH_BYTES) return LENGTH_BYTES;
    return this.#filled < HEADER_BYTES ? HEADER_BYTES : this.#bytes.readUInt32BE(0);
  }

  #makeRoom(needed: number, length: number): void {
    if (needed <= this.#bytes.length) return;
    const most = Math.max(length, HEADER_BYTES);
    const room = Buffer.allocUnsafeSlow(Math.min(most, Math.max(needed, this.#bytes.length * 2, FIRST_ROOM)));
    this.#bytes.copy(room, 0, 0, this.#filled);
    this.#bytes = room;
  }

  #complete(): Frame | undefined {
    if (this.#filled < LENGTH_BYTES) return undefined;
    if (!this.#judged) {
      this.#checkedLength(this.#bytes.subarray(0, Math.min(this.#filled, HEADER_BYTES)));
      this.#judged = this.#filled >= HEADER_BYTES;
    }
    const length = this.#bytes.readUInt32BE(0);
    if (this.#filled < length) return undefined;
    const bytes = this.#bytes.subarray(0, length);
    this.#bytes = NO_BYTES;
    this.#filled = 0;
    this.#judged = false;
    return decodeFrame(bytes);
  }

  /** @param start - the length field, or the whole header. */
  #checkedLength(start: Buffer): number {
    const length = start.readUInt32BE(0);
    if (length < HEADER_BYTES || length > FRAME_MAX) {
      throw new ProtocolError(`a frame of ${length} bytes is announced; possible are ${HEADER_BYTES} to ${FRAME_MAX}`);
    }
    this.#check('frameBytes', length);
    if (start.length === HEADER_BYTES && !bringsData(decodeHeader(start))) this.#check('eventBytes', length);
    return length;
  }

  #check(limit: 'frameBytes' | 'eventBytes', length: number): void {
    const max = this.#limits[limit];
    if (length > max) throw new LimitError(limit, max, `a message of ${length} bytes is announced`);
  }
}

const bringsData = ({ program, type, status }: FrameHeader): boolean =>
  program !== Program.KEEP_ALIVE && type !== MessageType.EVENT && status !== MessageStatus.ERROR;
