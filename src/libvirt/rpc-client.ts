/**
 * The RPC core: one socket, many calls at a time. Sends calls, gives every arriving frame to whom it belongs (call,
 * stream, event, keep-alive) and knows when the connection is over. It knows frames and procedures, but no domain.
 */
import type { Socket } from 'node:net';
import { CallTable } from './call-table.js';
import { ConnectionClosedError, LimitError, ProtocolError, toError, type CloseReason } from './errors.js';
import {
  encodeFrame,
  encodeRawFrame,
  MessageStatus,
  MessageType,
  Program,
  type Frame,
  type FrameHeader,
} from './frame.js';
import { Gate } from './limiter.js';
import { Inflow } from './inflow.js';
import { KeepAlive, keepAliveFrame, KeepAliveProcedure, type KeepAliveOptions } from './keep-alive.js';
import { TokenBucket, type ConnectionLimits } from './limits.js';
import type { Procedure } from './procedure.js';
import { LibvirtStream } from './stream.js';

export interface RpcOptions {
  /** Seconds after which an unanswered call is given up; 0 never. */
  readonly callTimeout: number;
  /** Calls that are sent without waiting for the answer of an earlier one. */
  readonly maxConcurrentCalls: number;
  readonly limits: ConnectionLimits;
}

/** A daemon that does not read this much of ours would not read a pong either. */
const PONG_BEHIND_MAX = 4_096;

/** Where the core reports what belongs to no call. */
export interface RpcListener {
  /** An event message. What it throws is reported through `notice`. */
  event(frame: Frame): void;
  /** Something is wrong that ends nothing: it must be seen, not thrown. */
  notice(error: Error): void;
  /** Called once, when everything that waited has been rejected. */
  closed(error: ConnectionClosedError): void;
}

export class RpcClient {
  readonly #socket: Socket;
  readonly #options: RpcOptions;
  readonly #listener: RpcListener;
  readonly #inflow: Inflow;
  readonly #calls: CallTable;
  readonly #streams = new Map<number, LibvirtStream>();
  readonly #strays: TokenBucket;
  readonly #gate: Gate;
  #keepAlive: KeepAlive | undefined;
  #closed: ConnectionClosedError | undefined;

  /** @param socket - connected; the client owns it from here on. */
  constructor(socket: Socket, options: RpcOptions, listener: RpcListener) {
    this.#socket = socket;
    this.#options = options;
    this.#listener = listener;
    const { limits } = options;
    this.#gate = new Gate(options.maxConcurrentCalls, limits.waitingCalls);
    this.#calls = new CallTable(limits, (error) => this.#fail(error));
    this.#strays = new TokenBucket(limits.strayMessages, 1);
    this.#inflow = new Inflow(socket, limits, {
      heard: () => this.#keepAlive?.heard(),
      frame: (frame) => this.#dispatch(frame),
      failed: (error) => this.#fail(error),
    });
    socket.on('error', (error) => this.#end('lost', `the socket failed: ${error.message}`, error));
    socket.on('close', () => this.#end('lost', 'the daemon closed the connection'));
  }

  /** Why the connection is over; undefined while it lives. */
  get closed(): ConnectionClosedError | undefined {
    return this.#closed;
  }

  startKeepAlive(options: KeepAliveOptions): void {
    const silence = options.interval * (options.count + 1);
    this.#keepAlive = new KeepAlive(options, {
      ping: () => this.#socket.write(keepAliveFrame(KeepAliveProcedure.PING)),
      dead: () =>
        this.#end('dead-peer', `the daemon has not answered for ${silence} s, its socket is open but it hangs`),
      paused: () => this.#inflow.paused,
    });
  }

  /**
   * Calls a procedure. Rejects with LibvirtError, ConnectionClosedError, CallTimeoutError, ProtocolError or XdrError.
   */
  call<A, R>(procedure: Procedure<A, R>, args: A): Promise<R> {
    return this.#gate.run(() => this.#send(procedure, args, this.#calls.newSerial()));
  }

  /** Calls a procedure ahead of the calls that wait in line. */
  callAtOnce<A, R>(procedure: Procedure<A, R>, args: A): Promise<R> {
    return this.#send(procedure, args, this.#calls.newSerial());
  }

  /** Calls a procedure that opens a stream. */
  openStream<A, R>(procedure: Procedure<A, R>, args: A): Promise<{ result: R; stream: LibvirtStream }> {
    return this.#gate.run(async () => {
      const { streams } = this.#options.limits;
      if (this.#streams.size >= streams) {
        throw new LimitError('streams', streams, `${procedure.name}: ${this.#streams.size} streams are open`);
      }
      const serial = this.#calls.newSerial();
      const stream = new LibvirtStream(
        procedure.name,
        this.#transport(serial, procedure),
        this.#options.limits.unreadBytes,
      );
      // Registered before the call is sent: its first packet may come in the same read as the reply.
      this.#streams.set(serial, stream);
      try {
        const result = await this.#send(procedure, args, serial);
        setImmediate(() => stream.start());
        return { result, stream };
      } catch (error) {
        this.#streams.delete(serial);
        throw error;
      }
    });
  }

  /** Ends the connection from our side; everything that waits is rejected. */
  close(): void {
    this.#end('closed', 'the connection was closed');
  }

  /** Ends the connection because of an error that has no listener. */
  fail(error: Error): void {
    this.#end('protocol', `closed because of an error that has no listener: ${error.message}`, error);
  }

  async #send<A, R>(procedure: Procedure<A, R>, args: A, serial: number): Promise<R> {
    if (this.#closed) throw this.#closedError(procedure.name, this.#closed);
    const header = callHeader(procedure, MessageType.CALL, serial, MessageStatus.OK);
    const frame = encodeFrame(header, procedure.args, args);
    const reply = this.#calls.wait(serial, procedure, this.#options.callTimeout);
    this.#socket.write(frame);
    const { unsentBytes } = this.#options.limits;
    if (this.#socket.writableLength > unsentBytes) {
      this.#fail(
        new LimitError('unsentBytes', unsentBytes, `the daemon leaves ${this.#socket.writableLength} bytes unread`),
      );
    }
    return reply;
  }

  #dispatch(frame: Frame): void {
    if (frame.program === Program.KEEP_ALIVE) this.#answerKeepAlive(frame);
    else if (frame.type === MessageType.REPLY) this.#settle(frame);
    else if (frame.type === MessageType.STREAM || frame.type === MessageType.STREAM_HOLE) this.#deliver(frame);
    else if (frame.type === MessageType.EVENT) this.#publish(frame);
    else this.#notice(`a message of type ${frame.type} came, which libvirt does not send to clients like this`, frame);
  }

  #settle(frame: Frame): void {
    if (!this.#calls.settle(frame)) this.#notice('a reply came to a call that nobody made', frame);
  }

  #deliver(frame: Frame): void {
    const stream = this.#streams.get(frame.serial);
    if (stream) stream.receive(frame);
    else this.#notice('a stream packet came for a stream that is not open', frame);
  }

  #publish(frame: Frame): void {
    try {
      this.#listener.event(frame);
    } catch (error) {
      if (error instanceof LimitError) throw error;
      if (error instanceof ProtocolError) this.#countStray(error.message);
      this.#listener.notice(toError(error));
    }
  }

  #answerKeepAlive(frame: Frame): void {
    if (frame.procedure === KeepAliveProcedure.PING) {
      if (this.#socket.writableLength <= PONG_BEHIND_MAX) this.#socket.write(keepAliveFrame(KeepAliveProcedure.PONG));
    } else if (frame.procedure !== KeepAliveProcedure.PONG) this.#notice('an unknown keep-alive message came', frame);
  }

  #notice(message: string, frame: Frame): void {
    this.#countStray(message);
    const where = `program 0x${frame.program.toString(16)}, procedure ${frame.procedure}, serial ${frame.serial}`;
    this.#listener.notice(new ProtocolError(`${message} (${where})`));
  }

  /** Throws LimitError: an unusable message may come now and then, and each is reported to the listeners. */
  #countStray(message: string): void {
    if (this.#strays.tryTake()) return;
    const { strayMessages } = this.#options.limits;
    throw new LimitError('strayMessages', strayMessages, `unusable messages come without end (${message})`);
  }

  #transport<A, R>(serial: number, procedure: Procedure<A, R>): ConstructorParameters<typeof LibvirtStream>[1] {
    return {
      send: (status, data, sent) => {
        if (this.#closed) sent(this.#closedError(procedure.name, this.#closed));
        else this.#socket.write(encodeRawFrame(callHeader(procedure, MessageType.STREAM, serial, status), data), sent);
      },
      pause: () => this.#inflow.pause(serial),
      resume: () => this.#inflow.resume(serial),
      release: () => this.#streams.delete(serial),
    };
  }

  #closedError(procedure: string, cause: ConnectionClosedError): ConnectionClosedError {
    return new ConnectionClosedError(cause.reason, `${procedure}: ${cause.message}`, { cause, procedure });
  }

  /** The daemon sent what ends the connection. */
  #fail(error: unknown): void {
    const { message } = toError(error);
    if (error instanceof LimitError) this.#end('limit', message, error);
    // Where one frame ends and the next begins is lost: nothing after this can be trusted.
    else this.#end('protocol', `the daemon does not speak libvirt's protocol: ${message}`, error);
  }

  #end(reason: CloseReason, message: string, cause?: unknown): void {
    if (this.#closed) return;
    const closed = new ConnectionClosedError(reason, message, { cause });
    this.#closed = closed;
    this.#keepAlive?.stop();
    this.#inflow.stop();
    this.#socket.destroy();
    this.#calls.failAll((procedure) => this.#closedError(procedure, closed));
    const streams = [...this.#streams.values()];
    this.#streams.clear();
    // The caller that closes the connection knows that its streams end; their readers see a premature end, not a
    // failure.
    for (const stream of streams) stream.connectionLost(reason === 'closed' ? undefined : closed);
    this.#listener.closed(closed);
  }
}

const callHeader = <A, R>(procedure: Procedure<A, R>, type: number, serial: number, status: number): FrameHeader => ({
  program: procedure.program,
  procedure: procedure.number,
  type,
  serial,
  status,
});
