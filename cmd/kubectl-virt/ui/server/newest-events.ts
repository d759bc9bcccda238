import type { EventRow } from '../shared/protocol.js';

/** Events of one VM that are kept, and shown: its agent or guest may make many. */
const MOST_EVENTS = 100;

/** The newest events by when they were last seen, whatever the order that they come in. */
export class NewestEvents {
  /** By uid. */
  readonly #rows = new Map<string, EventRow>();

  set(row: EventRow): void {
    this.#rows.set(row.uid, row);
    // Not with each one: they are put in order to be cut.
    if (this.#rows.size > 2 * MOST_EVENTS) this.#cut();
  }

  delete(uid: string): void {
    this.#rows.delete(uid);
  }

  get size(): number {
    return this.#rows.size;
  }

  /** The newest first. */
  rows(): EventRow[] {
    return [...this.#rows.values()].sort((one, other) => (one.last < other.last ? 1 : -1)).slice(0, MOST_EVENTS);
  }

  #cut(): void {
    const newest = this.rows();
    this.#rows.clear();
    for (const row of newest) this.#rows.set(row.uid, row);
  }
}
