/**
 * The one request of the virtio-serial variant, followed by an empty line; lines end in LF or CRLF. Source:
 * docs/reference/domain.md §7.3.
 */
const REQUEST = 'GET /metrics/XML';
/** Longer lines are no request, and nobody needs to remember them. */
const MAX_LINE_BYTES = 128;

export type Request = 'metrics' | 'invalid';

/**
 * Cuts what a guest sends into requests, holding a line's beginning at most. A request that is none is answered at once
 * and once: what follows of it, up to an empty line or a right request, is passed over.
 */
export class RequestReader {
  private line: number[] = [];
  private tooLong = false;
  private state: 'first' | 'end' | 'skip' = 'first';

  /** The requests that the bytes complete, one by one: the caller may take its time in between. */
  *read(bytes: Buffer): Generator<Request, void> {
    for (const byte of bytes) {
      if (byte !== 0x0a) {
        if (this.line.length < MAX_LINE_BYTES) this.line.push(byte);
        else this.tooLong = true;
        continue;
      }
      const request = this.endLine();
      if (request !== undefined) yield request;
    }
  }

  private endLine(): Request | undefined {
    const line = this.tooLong ? undefined : Buffer.from(this.line).toString('latin1').replace(/\r$/, '');
    this.line = [];
    this.tooLong = false;
    if (this.state !== 'end' && line === REQUEST) {
      this.state = 'end';
      return undefined;
    }
    if (this.state === 'skip') {
      if (line === '') this.state = 'first';
      return undefined;
    }
    const complete = this.state === 'end' && line === '';
    this.state = complete || line === '' ? 'first' : 'skip';
    return complete ? 'metrics' : 'invalid';
  }
}
