import type { DomainEvent, DomainEventKind } from './domain-events.js';
import type { EventRegistry, Subscription } from './event-registry.js';
import type { RpcClient } from './rpc-client.js';
import type { Domain } from './wire-types.js';

/** What happens to domains. */
export class Events {
  readonly #registry: EventRegistry;
  readonly #rpc: RpcClient;

  constructor(registry: EventRegistry, rpc: RpcClient) {
    this.#registry = registry;
    this.#rpc = rpc;
  }

  /**
   * Calls `listener` for every event of this kind.
   * @param domain - only events of this domain; without it, of all.
   */
  subscribe<K extends DomainEventKind>(
    kind: K,
    listener: (event: DomainEvent<K>) => void,
    domain?: Domain,
  ): Promise<Subscription> {
    return this.#registry.register(this.#rpc, kind, listener, domain);
  }
}
