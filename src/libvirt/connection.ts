/** The connection as its users see it: calls, grouped by what they are about, events, and the connection's end. */
import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import type { Caller } from './caller.js';
import { Consoles } from './consoles.js';
import { Devices } from './devices.js';
import { Disks } from './disks.js';
import { Domains } from './domains.js';
import type { ConnectionClosedError } from './errors.js';
import { EventRegistry } from './event-registry.js';
import { Events } from './events.js';
import { Guests } from './guests.js';
import { Jobs } from './jobs.js';
import type { KeepAliveOptions } from './keep-alive.js';
import { Node } from './node.js';
import { procedures, type Procedure } from './procedures.js';
import { Resources } from './resources.js';
import { RpcClient, type RpcOptions } from './rpc-client.js';
import { SavedStates } from './saved-states.js';
import { Snapshots } from './snapshots.js';
import { Statistics } from './statistics.js';

/** How long a hanging daemon may hold up `close()`. */
const FAREWELL_MS = 2_000;

/** What a connection emits. */
export interface ConnectionEvents {
  /** Once, when the connection is over; pending calls were rejected before. The error's `reason` says why. */
  close: [ConnectionClosedError];
  /**
   * The daemon sent something that cannot be used (a malformed event, an answer nobody asked for), or an event listener
   * threw. Nothing ends by it. Without a listener it closes the connection instead, so that it cannot go unseen.
   */
  error: [Error];
}

/** A connection to one libvirt daemon, opened by `connect()`. */
export class Connection extends EventEmitter<ConnectionEvents> {
  /** Define, find, start, stop, look at. */
  readonly domains: Domains;
  /** Attach, detach and update devices. */
  readonly devices: Devices;
  /** vCPUs and memory. */
  readonly resources: Resources;
  /** Sizes, errors and jobs of disks. */
  readonly disks: Disks;
  /** What domains use. */
  readonly statistics: Statistics;
  /** The guest agent and what it knows, the keyboard, QEMU's monitor. */
  readonly guests: Guests;
  /** Consoles, channels, screenshots. */
  readonly consoles: Consoles;
  /** A domain's memory in a file. */
  readonly savedStates: SavedStates;
  readonly snapshots: Snapshots;
  /** Long operations of a domain. */
  readonly jobs: Jobs;
  /** The daemon, its driver and the machine. */
  readonly node: Node;
  /** What happens to domains. */
  readonly events: Events;
  readonly #rpc: RpcClient;

  /** Use `connect()`. @param socket - connected and not read from yet. */
  constructor(socket: Socket, options: RpcOptions) {
    super();
    const registry = new EventRegistry(options.limits, (error) => this.#report(error));
    const rpc = new RpcClient(socket, options, {
      event: (frame) => registry.dispatch(frame),
      notice: (error) => this.#report(error),
      closed: (error) => this.emit('close', error),
    });
    const caller: Caller = rpc;
    this.#rpc = rpc;
    this.domains = new Domains(caller);
    this.devices = new Devices(caller);
    this.resources = new Resources(caller);
    this.disks = new Disks(caller);
    this.statistics = new Statistics(caller);
    this.guests = new Guests(caller);
    this.consoles = new Consoles(caller);
    this.savedStates = new SavedStates(caller);
    this.snapshots = new Snapshots(caller);
    this.jobs = new Jobs(caller);
    this.node = new Node(caller);
    this.events = new Events(registry, rpc);
  }

  /** Why the connection is over; undefined while it lives. */
  get closed(): ConnectionClosedError | undefined {
    return this.#rpc.closed;
  }

  /** Sends the daemon a close request and closes the socket. Pending calls are rejected. Never rejects itself. */
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

  /** For `connect()`: the daemon agreed to keep-alives. */
  startKeepAlive(options: KeepAliveOptions): void {
    this.#rpc.startKeepAlive(options);
  }

  #report(error: Error): void {
    if (this.listenerCount('error') > 0) this.emit('error', error);
    else this.#rpc.fail(error);
  }
}
