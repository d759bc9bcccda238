/**
 * XDR (RFC 4506): the byte format of everything inside a libvirt message. Big-endian, every item padded to four bytes.
 * The reader treats its input as hostile: each length is checked against the protocol's limit and against the bytes
 * that are really there before anything is allocated.
 */
import { LimitError, XdrError } from './errors.js';

const UNIT = 4;
const padding = (length: number): number => (UNIT - (length % UNIT)) % UNIT;

/** Builds one XDR message in a buffer that grows. `reserve` bytes are left free at the front for a frame header. */
export class XdrWriter {
  #bytes: Buffer;
  #length: number;

  constructor(reserve = 0) {
    this.#bytes = Buffer.alloc(Math.max(256, reserve));
    this.#length = reserve;
  }

  /** Signed 32-bit integer. Throws XdrError when `value` is no integer of that range. */
  int(value: number): void {
    checkInteger(value, -0x8000_0000, 0x7fff_ffff, 'int');
    this.#length = this.#room(UNIT).writeInt32BE(value, this.#length);
  }

  /** Unsigned 32-bit integer. */
  uint(value: number): void {
    checkInteger(value, 0, 0xffff_ffff, 'unsigned int');
    this.#length = this.#room(UNIT).writeUInt32BE(value, this.#length);
  }

  /** Signed 64-bit integer. */
  hyper(value: bigint): void {
    if (BigInt.asIntN(64, value) !== value)
      throw new XdrError(`${value.toString()} does not fit a signed 64-bit integer`);
    this.#length = this.#room(8).writeBigInt64BE(value, this.#length);
  }

  /** Unsigned 64-bit integer. */
  uhyper(value: bigint): void {
    if (BigInt.asUintN(64, value) !== value) {
      throw new XdrError(`${value.toString()} does not fit an unsigned 64-bit integer`);
    }
    this.#length = this.#room(8).writeBigUInt64BE(value, this.#length);
  }

  double(value: number): void {
    this.#length = this.#room(8).writeDoubleBE(value, this.#length);
  }

  /** Bytes of a length both sides know, padded. */
  fixedOpaque(value: Uint8Array): void {
    const bytes = this.#room(value.length + padding(value.length));
    bytes.set(value, this.#length);
    bytes.fill(0, this.#length + value.length, this.#length + value.length + padding(value.length));
    this.#length += value.length + padding(value.length);
  }

  /** Length, then the bytes, padded. */
  opaque(value: Uint8Array, max: number): void {
    if (value.length > max) throw new XdrError(`${value.length} bytes are more than the protocol's limit of ${max}`);
    this.uint(value.length);
    this.fixedOpaque(value);
  }

  /** UTF-8 text. A NUL is refused: the daemon reads C strings and would silently act on the part before it. */
  string(value: string, max: number): void {
    if (value.includes('\0')) throw new XdrError('the text holds a NUL character, where libvirt would cut it off');
    this.opaque(Buffer.from(value, 'utf8'), max);
  }

  /** The message, including the reserved front. Valid until the next write. */
  finish(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  #room(count: number): Buffer {
    const needed = this.#length + count;
    if (needed > this.#bytes.length) {
      const larger = Buffer.alloc(Math.max(needed, this.#bytes.length * 2));
      this.#bytes.copy(larger, 0, 0, this.#length);
      this.#bytes = larger;
    }
    return this.#bytes;
  }
}

/** Reads one XDR message. Every method throws XdrError when the bytes do not hold what is asked for. */
export class XdrReader {
  readonly #bytes: Buffer;
  readonly #maxItems: number;
  #offset = 0;
  #items = 0;

  /** @param maxItems - items of all lists together: a few bytes on the wire may be an object of a hundred in memory. */
  constructor(bytes: Buffer, maxItems = Infinity) {
    this.#bytes = bytes;
    this.#maxItems = maxItems;
  }

  get remaining(): number {
    return this.#bytes.length - this.#offset;
  }

  int(): number {
    return this.#bytes.readInt32BE(this.#take(UNIT, 'int'));
  }

  uint(): number {
    return this.#bytes.readUInt32BE(this.#take(UNIT, 'unsigned int'));
  }

  hyper(): bigint {
    return this.#bytes.readBigInt64BE(this.#take(8, 'hyper'));
  }

  uhyper(): bigint {
    return this.#bytes.readBigUInt64BE(this.#take(8, 'unsigned hyper'));
  }

  double(): number {
    return this.#bytes.readDoubleBE(this.#take(8, 'double'));
  }

  /** 0 or 1; anything else means that the two sides do not read the same structure. */
  bool(): boolean {
    const value = this.uint();
    if (value > 1) throw new XdrError(`a boolean has the value ${value} at offset ${this.#offset - UNIT}`);
    return value === 1;
  }

  fixedOpaque(length: number): Buffer {
    const start = this.#take(length, 'opaque');
    const pad = this.#take(padding(length), 'padding');
    for (let index = 0; index < padding(length); index++) {
      if (this.#bytes[pad + index] !== 0) throw new XdrError(`padding is not zero at offset ${pad + index}`);
    }
    return this.#bytes.subarray(start, start + length);
  }

  opaque(max: number): Buffer {
    return this.fixedOpaque(this.length(max));
  }

  string(max: number): string {
    return this.opaque(max).toString('utf8');
  }

  /** A count that is followed by that many items of a list. Throws LimitError when all lists together have too many. */
  count(max: number): number {
    const count = this.length(max);
    // Each item has a unit at least, so a count that cannot be true is refused before an item is read.
    if (count * UNIT > this.remaining) {
      throw new XdrError(`${count} items at offset ${this.#offset}, but only ${this.remaining} bytes follow`);
    }
    this.#items += count;
    if (this.#items > this.#maxItems) {
      throw new LimitError('listItems', this.#maxItems, `a message has ${this.#items} items in its lists`);
    }
    return count;
  }

  /** A count that is followed by that many bytes, at most `max`. */
  length(max: number): number {
    const length = this.uint();
    const at = this.#offset - UNIT;
    if (length > max) throw new XdrError(`length ${length} at offset ${at} is over the protocol's limit of ${max}`);
    if (length > this.remaining) {
      throw new XdrError(`length ${length} at offset ${at}, but only ${this.remaining} bytes follow`);
    }
    return length;
  }

  /** Asserts that the whole message was read. */
  end(): void {
    if (this.remaining > 0) throw new XdrError(`${this.remaining} bytes too many at offset ${this.#offset}`);
  }

  #take(count: number, what: string): number {
    if (count > this.remaining) {
      throw new XdrError(`${what} needs ${count} bytes at offset ${this.#offset}, but only ${this.remaining} are left`);
    }
    const start = this.#offset;
    this.#offset += count;
    return start;
  }
}

function checkInteger(value: number, min: number, max: number, type: string): void {
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new XdrError(`${value} is not an integer from ${min} to ${max} (${type})`);
  }
}
