/** The calls that wait for an answer, by serial number. */
import { CallTimeoutError, LibvirtError, LimitError, ProtocolError, toError } from './errors.js';
import { MessageStatus, type Frame } from './frame.js';
import type { ConnectionLimits } from './limits.js';
import type { Procedure } from './procedure.js';
import { errorMessage } from './wire-types.js';
import { XdrReader } from './xdr.js';

interface PendingCall {
  readonly procedure: string;
  settle(frame: Frame): void;
  fail(error: Error): void;
}

const SERIAL_MAX = 0xffff_ffff;

export class CallTable {
  readonly #pending = new Map<number, PendingCall>();
  /** Calls we gave up on: their late answer is expected, and then forgotten. */
  readonly #abandoned = new Set<number>();
  readonly #limits: Pick<ConnectionLimits, 'abandonedCalls' | 'listItems'>;
  readonly #exceeded: (error: LimitError) => void;
  #lastSerial = 0;

  /** @param exceeded - called when the daemon has reached a limit while there is no caller to throw to. */
  constructor(limits: Pick<ConnectionLimits, 'abandonedCalls' | 'listItems'>, exceeded: (error: LimitError) => void) {
    this.#limits = limits;
    this.#exceeded = exceeded;
  }

  get size(): number {
    return this.#pending.size;
  }

  /** A number that no call in flight has. Zero belongs to events. */
  newSerial(): number {
    do this.#lastSerial = this.#lastSerial >= SERIAL_MAX ? 1 : this.#lastSerial + 1;
    while (this.#pending.has(this.#lastSerial) || this.#abandoned.has(this.#lastSerial));
    return this.#lastSerial;
  }

  /** Waits for the answer to `serial`. @param timeout - seconds; 0 waits for as long as the connection lives. */
  wait<A, R>(serial: number, procedure: Procedure<A, R>, timeout: number): Promise<R> {
    return new Promise<R>((resolve, reject) => {
      const timer = timeout > 0 ? setTimeout(() => this.#abandon(serial, timeout), timeout * 1000) : undefined;
      this.#pending.set(serial, {
        procedure: procedure.name,
        settle: (frame) => {
          clearTimeout(timer);
          try {
            resolve(readReply(frame, procedure, this.#limits.listItems));
          } catch (error) {
            reject(toError(error));
            if (error instanceof LimitError) this.#exceeded(error);
          }
        },
        fail: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      });
    });
  }

  /** Gives an answer to the call it belongs to. False: no call waits for it. */
  settle(frame: Frame): boolean {
    const call = this.#pending.get(frame.serial);
    if (!call) return this.#abandoned.delete(frame.serial);
    this.#pending.delete(frame.serial);
    call.settle(frame);
    return true;
  }

  /** Rejects everything that waits. @param reason - makes the error for a procedure's name. */
  failAll(reason: (procedure: string) => Error): void {
    const calls = [...this.#pending.values()];
    this.#pending.clear();
    this.#abandoned.clear();
    for (const call of calls) call.fail(reason(call.procedure));
  }

  #abandon(serial: number, seconds: number): void {
    const call = this.#pending.get(serial);
    if (!call) return;
    this.#pending.delete(serial);
    this.#abandoned.add(serial);
    call.fail(new CallTimeoutError(call.procedure, seconds));
    const max = this.#limits.abandonedCalls;
    if (this.#abandoned.size > max) {
      this.#exceeded(new LimitError('abandonedCalls', max, `${this.#abandoned.size} calls were never answered`));
    }
  }
}

function readReply<A, R>(frame: Frame, procedure: Procedure<A, R>, maxItems: number): R {
  if (frame.procedure !== procedure.number || frame.program !== procedure.program) {
    throw new ProtocolError(
      `${procedure.name} (${procedure.number}) was answered as procedure ${frame.procedure} of 0x${frame.program.toString(16)}`,
    );
  }
  if (frame.status === MessageStatus.ERROR) throw readError(frame.payload, procedure.name);
  if (frame.status !== MessageStatus.OK)
    throw new ProtocolError(`${procedure.name}: a reply has status ${frame.status}`);
  const what = `the reply to ${procedure.name}`;
  return decodeWhole(frame.payload, what, (reader) => procedure.result.decode(reader), maxItems);
}

/** Reads libvirt's error from a payload; what is no error of libvirt becomes a ProtocolError. */
export function readError(payload: Buffer, procedure: string): Error {
  try {
    const fields = decodeWhole(payload, `the error of ${procedure}`, (reader) => errorMessage.decode(reader));
    return new LibvirtError(fields, procedure);
  } catch (error) {
    return toError(error);
  }
}

/**
 * Decodes a payload to its last byte. Throws ProtocolError, with `what` in the message, when it does not fit;
 * LimitError when its lists have more items than `maxItems`.
 */
export function decodeWhole<T>(
  payload: Buffer,
  what: string,
  decode: (reader: XdrReader) => T,
  maxItems = Infinity,
): T {
  try {
    const reader = new XdrReader(payload, maxItems);
    const value = decode(reader);
    reader.end();
    return value;
  } catch (error) {
    if (error instanceof LimitError) throw error;
    throw new ProtocolError(`${what} is malformed: ${toError(error).message}`, { cause: error });
  }
}
