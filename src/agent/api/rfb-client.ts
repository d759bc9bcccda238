/*
 * What a viewer sends, as RFB has it (RFC 6143 §7, and QEMU's extensions): read so far that nobody who looks on can
 * type, and that nobody who comes throws the others out.
 */

/** "RFB 003.008\n". */
const VERSION_BYTES = 12;
const VERSION = /^RFB 003\.(\d{3})\n$/;
/** From this minor version on the client chooses how it proves who it is. */
const CHOOSES = 7;
/** No proof: QEMU's socket in the pod asks for none. */
const NO_AUTHENTICATION = 1;
/** Of ClientInit: others may stay. */
const SHARED = Buffer.from([1]);

/** A viewer names some thirty. */
const MAX_ENCODINGS = 256;
/** What QEMU takes; it is dropped in any case. */
const MAX_CUT_TEXT = 1_048_576;

/**
 * One kind of message: its bytes until its length is known, its length, and whether somebody who looks on may send it.
 */
interface Message {
  readonly head: number;
  readonly length: (head: Buffer) => number;
  readonly passes: boolean;
}

const fixed = (bytes: number, passes: boolean): Message => ({ head: bytes, length: () => bytes, passes });

/** @throws Error above it */
const bounded = (count: number, most: number, what: string): number => {
  if (count > most) throw new Error(`${what} of ${count}, at most ${most} are taken`);
  return count;
};

const qemuMessage = (head: Buffer): number => {
  const [, kind] = head;
  const operation = head.readUInt16BE(2);
  // An extended key; sound on, off, and its format.
  if (kind === 0) return 12;
  if (kind === 1 && operation <= 1) return 4;
  if (kind === 1 && operation === 2) return 10;
  throw new Error(`an extension of QEMU's that is not known here (${kind ?? ''}, ${operation})`);
};

/** By the type, which is a message's first byte. */
const MESSAGES: Readonly<Record<number, Message>> = {
  /** SetPixelFormat */
  0: fixed(20, true),
  /** SetEncodings */
  2: {
    head: 4,
    length: (head) => 4 + 4 * bounded(head.readUInt16BE(2), MAX_ENCODINGS, 'encodings in a number'),
    passes: true,
  },
  /** FramebufferUpdateRequest */
  3: fixed(10, true),
  /** KeyEvent */
  4: fixed(8, false),
  /** PointerEvent */
  5: fixed(6, false),
  /** ClientCutText; the extended clipboard's length is negative. */
  6: {
    head: 8,
    length: (head) => 8 + bounded(Math.abs(head.readInt32BE(4)), MAX_CUT_TEXT, 'cut text with a length'),
    passes: false,
  },
  /** xvp: shutdown, reboot, reset */
  250: fixed(4, false),
  /** SetDesktopSize */
  251: { head: 8, length: (head) => 8 + 16 * (head[6] ?? 0), passes: false },
  255: { head: 4, length: qemuMessage, passes: false },
};

type State = 'version' | 'security' | 'init' | 'messages' | 'open';

/** The bytes of one viewer, of which those come out that may go on to QEMU. */
export class RfbClient {
  private state: State = 'version';
  /** The beginning of what is not whole yet. */
  private held: Buffer = Buffer.alloc(0);
  /** Of the message under way. */
  private left = 0;
  private passes = false;

  /** @param drives its keys and pointer go to the guest */
  constructor(private readonly drives: boolean) {}

  /** @throws Error for what no viewer sends that looks on: the end of its stream */
  take(chunk: Buffer): Buffer {
    if (this.state === 'open') return chunk;
    let rest = this.held.length === 0 ? chunk : Buffer.concat([this.held, chunk]);
    this.held = Buffer.alloc(0);
    const out: Buffer[] = [];
    while (rest.length > 0) {
      const taken = this.step(rest, out);
      if (taken === 0) {
        // A head at most: some bytes.
        this.held = Buffer.from(rest);
        break;
      }
      rest = rest.subarray(taken);
    }
    return out.length === 1 ? (out[0] ?? Buffer.alloc(0)) : Buffer.concat(out);
  }

  /** @returns how many bytes were dealt with; 0: more are needed */
  private step(bytes: Buffer, out: Buffer[]): number {
    switch (this.state) {
      case 'version':
        return this.version(bytes, out);
      case 'security':
        this.state = this.nextIf(bytes[0] === NO_AUTHENTICATION, 'init', 'a way to prove who it is');
        out.push(bytes.subarray(0, 1));
        return 1;
      case 'init':
        // An exclusive one would have QEMU end all others. Whom a newcomer takes over from, we say.
        out.push(SHARED);
        this.state = this.drives ? 'open' : 'messages';
        return 1;
      case 'messages':
        return this.message(bytes, out);
      case 'open':
        out.push(bytes);
        return bytes.length;
    }
  }

  private version(bytes: Buffer, out: Buffer[]): number {
    if (bytes.length < VERSION_BYTES) return 0;
    const text = bytes.subarray(0, VERSION_BYTES);
    const minor = VERSION.exec(text.toString('latin1'))?.[1];
    this.state = this.nextIf(minor !== undefined, Number(minor) < CHOOSES ? 'init' : 'security', 'a version of RFB');
    out.push(text);
    return VERSION_BYTES;
  }

  /** QEMU itself ends who drives and greets in another way. */
  private nextIf(isKnown: boolean, next: State, what: string): State {
    if (isKnown) return next;
    if (this.drives) return 'open';
    throw new Error(`${what} that is not known here`);
  }

  private message(bytes: Buffer, out: Buffer[]): number {
    if (this.left === 0) {
      const [type = 0] = bytes;
      const kind = MESSAGES[type];
      if (kind === undefined) throw new Error(`a message of type ${type}, which nobody sends who looks on`);
      if (bytes.length < kind.head) return 0;
      this.left = kind.length(bytes);
      this.passes = kind.passes;
    }
    const part = bytes.subarray(0, this.left);
    if (this.passes) out.push(part);
    this.left -= part.length;
    return part.length;
  }
}
