/** Bytes that wait, in pieces of any size: what they cost in memory is what they are, not what their pieces are. */
const BLOCK_BYTES = 16_384;

export class ByteQueue {
  #blocks: Buffer[] = [];
  /** Bytes used of the last block. */
  #used = BLOCK_BYTES;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Adds a copy. */
  add(bytes: Buffer): void {
    for (let at = 0; at < bytes.length;) {
      if (this.#used === BLOCK_BYTES) {
        this.#blocks.push(Buffer.allocUnsafeSlow(BLOCK_BYTES));
        this.#used = 0;
      }
      const copied = bytes.copy(this.#blocks[this.#blocks.length - 1] as Buffer, this.#used, at);
      this.#used += copied;
      this.#length += copied;
      at += copied;
    }
  }

  /** All of them, and the queue is empty. */
  take(): Buffer {
    const all = Buffer.concat(this.#blocks, this.#length);
    this.#blocks = [];
    this.#used = BLOCK_BYTES;
    this.#length = 0;
    return all;
  }
}
