/** Who listens to which events: registers callbacks with the daemon and gives each event message to its listener. */
import { decodeWhole } from './call-table.js';
import { domainEvents, type DomainEvent, type DomainEventKind } from './domain-events.js';
import { LimitError, ProtocolError, toError } from './errors.js';
import { Program, type Frame } from './frame.js';
import type { ConnectionLimits } from './limits.js';
import { procedures } from './procedures.js';
import type { RpcClient } from './rpc-client.js';
import type { Domain } from './wire-types.js';

/** A running registration. */
export interface Subscription {
  readonly kind: DomainEventKind;
  /** Stops the events; no call of the listener follows the moment this is called. */
  close(): Promise<void>;
}

interface Listener {
  readonly kind: DomainEventKind;
  /** Undefined once the listener wants no more, while the daemon does not know that yet. */
  deliver: ((event: unknown) => void) | undefined;
}

const kindByProcedure = new Map<number, DomainEventKind>(
  (Object.keys(domainEvents) as DomainEventKind[]).map((kind) => [domainEvents[kind].procedure, kind]),
);

export class EventRegistry {
  readonly #listeners = new Map<number, Listener>();
  /** Messages that overtook the answer to their registration. */
  #early: { kind: DomainEventKind; event: { callbackId: number } }[] = [];
  #registering = 0;
  readonly #limits: Pick<ConnectionLimits, 'earlyEvents' | 'listItems'>;
  readonly #notice: (error: Error) => void;

  /** @param notice - called for events that cannot be delivered while there is no caller to throw to. */
  constructor(limits: Pick<ConnectionLimits, 'earlyEvents' | 'listItems'>, notice: (error: Error) => void) {
    this.#limits = limits;
    this.#notice = notice;
  }

  /** Registers `listener` with the daemon. @param domain - only this domain's events; undefined for all. */
  async register<K extends DomainEventKind>(
    rpc: RpcClient,
    kind: K,
    listener: (event: DomainEvent<K>) => void,
    domain: Domain | undefined,
  ): Promise<Subscription> {
    const entry: Listener = { kind, deliver: listener as (event: unknown) => void };
    this.#registering++;
    try {
      const { callbackId } = await rpc.call(procedures.eventRegister, { eventId: domainEvents[kind].id, domain });
      this.#listeners.set(callbackId, entry);
      return { kind, close: () => this.#deregister(rpc, callbackId, entry) };
    } finally {
      this.#registering--;
      if (rpc.closed) this.#early = [];
      this.#deliverEarly();
    }
  }

  /**
   * Gives an event message to its listener. Throws ProtocolError for one that cannot be understood or has none,
   * LimitError for one too many that came before its registration was answered.
   */
  dispatch(frame: Frame): void {
    const kind = frame.program === Program.REMOTE ? kindByProcedure.get(frame.procedure) : undefined;
    if (!kind) {
      throw new ProtocolError(
        `an unknown event came: procedure ${frame.procedure} of program 0x${frame.program.toString(16)}`,
      );
    }
    const event = decodeWhole(
      frame.payload,
      `the event ${kind}`,
      (reader) => domainEvents[kind].message.decode(reader),
      this.#limits.listItems,
    );
    if (this.#deliver(kind, event)) return;
    if (this.#registering === 0) throw noListener(kind, event);
    const max = this.#limits.earlyEvents;
    if (this.#early.length >= max) {
      throw new LimitError('earlyEvents', max, `${max + 1} events came before the answer to their registration`);
    }
    this.#early.push({ kind, event });
  }

  #deliver(kind: DomainEventKind, event: { callbackId: number }): boolean {
    const listener = this.#listeners.get(event.callbackId);
    if (!listener) return false;
    if (listener.kind !== kind) {
      throw new ProtocolError(`callback ${event.callbackId} is for ${listener.kind}, but an event ${kind} came for it`);
    }
    listener.deliver?.(event);
    return true;
  }

  #deliverEarly(): void {
    const early = this.#early;
    this.#early = [];
    for (const { kind, event } of early) {
      try {
        if (this.#deliver(kind, event)) continue;
        if (this.#registering === 0) throw noListener(kind, event);
        this.#early.push({ kind, event });
      } catch (error) {
        this.#notice(toError(error));
      }
    }
  }

  async #deregister(rpc: RpcClient, callbackId: number, entry: Listener): Promise<void> {
    if (!entry.deliver) return;
    entry.deliver = undefined;
    // Nothing to send to a daemon that has ended or disconnected: it dropped our registration with the connection.
    try {
      await rpc.call(procedures.eventDeregister, { callbackId });
    } catch (error) {
      if (!rpc.closed) throw error;
    }
    this.#listeners.delete(callbackId);
  }
}

const noListener = (kind: DomainEventKind, event: { callbackId: number }): ProtocolError =>
  new ProtocolError(`an event ${kind} came for callback ${event.callbackId}, which does not exist`);
