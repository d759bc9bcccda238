/**
 * The RPC core: one socket, many calls at a time. Sends calls, gives every arriving frame to whom it belongs (call,
 * stream, event, keep-alive) and knows when the connection is over. It knows frames and procedures, but no domain.
 */
import type { Socket } from 'node:net';
import { CallTable } from './call-table.js';
import { ConnectionClosedError, ProtocolError, toError, type CloseReason } from './errors.js';
import {
  encodeFrame,
  encodeRawFrame,
  FrameSplitter,
  MessageStatus,
  MessageType,
  Program,
  type Frame,
  type FrameHeader,
} from './frame.js';
import { Gate } from './gate.js';
import { KeepAlive, keepAliveFrame, KeepAliveProcedure, type KeepAliveOptions } from './keep-alive.js';
import type { Procedure } from './procedures.js';
import { LibvirtStream } from './stream.js';

export interface RpcOptions {
  /** Seconds after which an unanswered call is given up; 0 never. */
  readonly callTimeout: number;
  /** Calls that are sent without waiting for the answer of an earlier one. */
  readonly maxConcurrentCalls: number;
}

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
  readonly #splitter = new FrameSplitter();
  readonly #calls = new CallTable();
  readonly #streams = new Map<number, LibvirtStream>();
  readonly #pausing = new Set<number>();
  readonly #gate: Gate;
  #keepAlive: KeepAlive | undefined;
  #closed: ConnectionClosedError | undefined;

  /** @param socket - connected; the client owns it from here on. */
  constructor(socket: Socket, options: RpcOptions, listener: RpcListener) {
    this.#socket = socket;
    this.#options = options;
    this.#listener = listener;
    this.#gate = new Gate(options.maxConcurrentCalls);
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
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
      paused: () => this.#pausing.size > 0,
    });
  }

  /** Calls a procedure. Rejects with LibvirtError, ConnectionClosedError, CallTimeoutError, ProtocolError or XdrError. */
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
      const serial = this.#calls.newSerial();
      const stream = new LibvirtStream(procedure.name, this.#transport(serial, procedure));
      // Known before the call goes out: its first packet may come in the same read as the reply.
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

  /** Ends the connection because of something nobody wanted to hear of. */
  fail(error: Error): void {
    this.#end('protocol', `closed because of an error that has no listener: ${error.message}`, error);
  }

  async #send<A, R>(procedure: Procedure<A, R>, args: A, serial: number): Promise<R> {
    if (this.#closed) throw this.#closedError(procedure.name, this.#closed);
    const header = callHeader(procedure, MessageType.CALL, serial, MessageStatus.OK);
    const frame = encodeFrame(header, procedure.args, args);
    const reply = this.#calls.wait(serial, procedure, this.#options.callTimeout);
    this.#socket.write(frame);
    return reply;
  }

  #receive(chunk: Buffer): void {
    this.#keepAlive?.heard();
    try {
      for (const frame of this.#splitter.push(chunk)) {
        if (this.#closed) return;
        this.#dispatch(frame);
      }
    } catch (error) {
      // Where one frame ends and the next begins is lost: nothing after this can be trusted.
      this.#end('protocol', `the daemon does not speak libvirt's protocol: ${toError(error).message}`, error);
    }
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
      this.#listener.notice(toError(error));
    }
  }

  #answerKeepAlive(frame: Frame): void {
    if (frame.procedure === KeepAliveProcedure.PING) this.#socket.write(keepAliveFrame(KeepAliveProcedure.PONG));
    else if (frame.procedure !== KeepAliveProcedure.PONG) this.#notice('an unknown keep-alive message came', frame);
  }

  #notice(message: string, frame: Frame): void {
    const where = `program 0x${frame.program.toString(16)}, procedure ${frame.procedure}, serial ${frame.serial}`;
    this.#listener.notice(new ProtocolError(`${message} (${where})`));
  }

  #transport<A, R>(serial: number, procedure: Procedure<A, R>): ConstructorParameters<typeof LibvirtStream>[1] {
    return {
      send: (status, data, sent) => {
        if (this.#closed) sent(this.#closedError(procedure.name, this.#closed));
        else this.#socket.write(encodeRawFrame(callHeader(procedure, MessageType.STREAM, serial, status), data), sent);
      },
      pause: () => {
        this.#pausing.add(serial);
        this.#socket.pause();
      },
      resume: () => {
        if (this.#pausing.delete(serial) && this.#pausing.size === 0) this.#socket.resume();
      },
      release: () => this.#streams.delete(serial),
    };
  }

  #closedError(procedure: string, cause: ConnectionClosedError): ConnectionClosedError {
    return new ConnectionClosedError(cause.reason, `${procedure}: ${cause.message}`, { cause, procedure });
  }

  #end(reason: CloseReason, message: string, cause?: unknown): void {
    if (this.#closed) return;
    const closed = new ConnectionClosedError(reason, message, { cause });
    this.#closed = closed;
    this.#keepAlive?.stop();
    this.#socket.destroy();
    this.#calls.failAll((procedure) => this.#closedError(procedure, closed));
    const streams = [...this.#streams.values()];
    this.#streams.clear();
    // Whoever closes the connection knows that its streams end; their readers see a premature end, not a failure.
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
