/** What every part of the API stands on: calls, events, the end of the connection. */
import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import type { DomainEvent, DomainEventKind } from './domain-events.js';
import type { ConnectionClosedError } from './errors.js';
import { EventRegistry, type Subscription } from './event-registry.js';
import type { KeepAliveOptions } from './keep-alive.js';
import { procedures, type Procedure } from './procedures.js';
import { RpcClient, type RpcOptions } from './rpc-client.js';
import type { LibvirtStream } from './stream.js';
import type { Domain } from './wire-types.js';

/** How long a hanging daemon may hold up `close()`. */
const FAREWELL_MS = 2_000;

/** What a connection emits. */
export interface ConnectionEvents {
  /** Once, when the connection is over; pending calls were rejected before. The error's `reason` tells why. */
  close: [ConnectionClosedError];
  /**
   * The daemon sent something that cannot be used (a malformed event, an answer nobody asked for), or an event listener
   * threw. Nothing ends by it. Without a listener it closes the connection instead, so that it cannot go unseen.
   */
  error: [Error];
}

export abstract class ConnectionBase extends EventEmitter<ConnectionEvents> {
  readonly #rpc: RpcClient;
  readonly #events: EventRegistry;

  /** Use `connect()`. @param socket - connected and not read from yet. */
  constructor(socket: Socket, options: RpcOptions) {
    super();
    this.#events = new EventRegistry(options.limits, (error) => this.#report(error));
    this.#rpc = new RpcClient(socket, options, {
      event: (frame) => this.#events.dispatch(frame),
      notice: (error) => this.#report(error),
      closed: (error) => this.emit('close', error),
    });
  }

  /** Why the connection is over; undefined while it lives. */
  get closed(): ConnectionClosedError | undefined {
    return this.#rpc.closed;
  }

  /**
   * Calls `listener` for every event of this kind.
   * @param domain - only events of this domain; without it, of all.
   */
  onDomainEvent<K extends DomainEventKind>(
    kind: K,
    listener: (event: DomainEvent<K>) => void,
    domain?: Domain,
  ): Promise<Subscription> {
    return this.#events.register(this.#rpc, kind, listener, domain);
  }

  /** Takes leave of the daemon and closes the socket. Calls under way are rejected. Never rejects itself. */
  async close(): Promise<void> {
    if (this.#rpc.closed) return;
    const impatience = setTimeout(() => this.#rpc.close(), FAREWELL_MS);
    // The daemon cleans up after a lost socket all the same, so its answer does not matter.
    await this.#rpc.callAtOnce(procedures.connectClose, undefined).catch(() => undefined);
    clearTimeout(impatience);
    this.#rpc.close();
  }

  /** Closes the socket at once, as if the process had ended. */
  destroy(): void {
    this.#rpc.close();
  }

  /** Calls a procedure of the table; for procedures that have no method of their own. */
  call<A, R>(procedure: Procedure<A, R>, args: A): Promise<R> {
    return this.#rpc.call(procedure, args);
  }

  protected openStream<A, R>(procedure: Procedure<A, R>, args: A): Promise<{ result: R; stream: LibvirtStream }> {
    return this.#rpc.openStream(procedure, args);
  }

  /** For `connect()`: the daemon agreed to keep-alives. */
  startKeepAlive(options: KeepAliveOptions): void {
    this.#rpc.startKeepAlive(options);
  }

  #report(error: Error): void {
    if (this.listenerCount('error') > 0) this.emit('error', error);
    else this.#rpc.fail(error);
  }
}
