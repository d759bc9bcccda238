import type { WebSocket } from 'ws';

/** Above this much that one side has not taken, the other is not read. */
const MOST_UNSENT = 1024 * 1024;
/** Above this much that the page's terminal has not drawn, the guest is not read. */
const MOST_UNDRAWN = 1024 * 1024;
/** How often it is looked whether what was not taken has been. */
const DRAIN_MS = 20;

/** Holds a socket back for as long as there is a reason. */
class Valve {
  readonly #reasons = new Set<string>();

  constructor(private readonly socket: WebSocket) {}

  set(reason: string, holds: boolean): void {
    if (holds) this.#reasons.add(reason);
    else this.#reasons.delete(reason);
    if (this.#reasons.size > 0) this.socket.pause();
    else this.socket.resume();
  }
}

/** Counts what a page says that it has drawn. Such a message is a text; what a user types is binary. */
const countDrawn = (from: WebSocket, to: WebSocket, valve: Valve): void => {
  let undrawn = 0;
  from.on('message', (data: Buffer) => {
    undrawn += data.byteLength;
    if (undrawn > MOST_UNDRAWN) valve.set('undrawn', true);
  });
  to.on('message', (data: Buffer, isBinary: boolean) => {
    const drawn = isBinary ? 0 : Number(data.toString('utf8'));
    if (!Number.isSafeInteger(drawn) || drawn <= 0) return;
    undrawn = Math.max(0, undrawn - drawn);
    if (undrawn <= MOST_UNDRAWN / 2) valve.set('undrawn', false);
  });
};

/**
 * What comes from one side goes to the other, no faster than that takes it.
 * @param counted whether the other side says what it has drawn: a page cannot hold its socket back by itself
 */
export const relayBytes = (from: WebSocket, to: WebSocket, { counted }: { readonly counted: boolean }): void => {
  const valve = new Valve(from);
  let draining: NodeJS.Timeout | undefined;
  const look = (): void => {
    if (to.readyState === to.OPEN && to.bufferedAmount > MOST_UNSENT / 2) return;
    clearInterval(draining);
    draining = undefined;
    valve.set('unsent', false);
  };
  from.on('message', (data: Buffer, isBinary: boolean) => {
    if (!isBinary || to.readyState !== to.OPEN) return;
    to.send(data, { binary: true });
    if (to.bufferedAmount <= MOST_UNSENT || draining !== undefined) return;
    valve.set('unsent', true);
    draining = setInterval(look, DRAIN_MS);
  });
  if (counted) countDrawn(from, to, valve);
};
