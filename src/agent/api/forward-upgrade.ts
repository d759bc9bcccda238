import type { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { ForwardEnd } from '../../agent-api/forward-end.js';
import { HALF_CLOSE_PROTOCOL, MAX_FORWARD_MESSAGE_BYTES, type GuestPort } from '../../agent-api/forward.js';
import { portClosedText } from '../../agent-api/refusal.js';
import { STREAM_PROTOCOL } from '../../agent-api/stream.js';
import { discard, type DialledSocket } from '../network/dialler.js';
import { DatagramEnd } from './datagram-end.js';
import type { Forwards } from './forwards.js';

/** After so long the kernel asks a silent guest whether it is there. */
const GUEST_SILENCE_MS = 30_000;

/** What joins a client and a port of a guest. */
export interface ForwardParts {
  readonly forwards: Forwards;
  /** @param given up: nobody waits for it any more */
  readonly dial: (given: AbortSignal) => Promise<DialledSocket>;
}

/** The WebSockets of forwarded connections. */
export class ForwardUpgrades {
  private readonly sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: MAX_FORWARD_MESSAGE_BYTES,
    handleProtocols: (offered) => [HALF_CLOSE_PROTOCOL, STREAM_PROTOCOL].find((one) => offered.has(one)) ?? false,
  });

  /**
   * The guest's end is there before the upgrade, so that a failure is an HTTP answer and not a silent close.
   * @throws StatusError
   */
  async serve(
    { request, socket, head }: { readonly request: IncomingMessage; readonly socket: Duplex; readonly head: Buffer },
    { key, port }: { readonly key: string; readonly port: GuestPort },
    { forwards, dial }: ForwardParts,
  ): Promise<void> {
    const place = forwards.reserve(key);
    const given = new AbortController();
    const giveUp = (): void => given.abort();
    socket.once('close', giveUp);
    let guest: DialledSocket | undefined;
    try {
      guest = await dial(given.signal);
      if (guest instanceof Socket) {
        guest.allowHalfOpen = true;
        // A guest that is gone without a word ends the connection all the same.
        guest.setKeepAlive(true, GUEST_SILENCE_MS);
      }
      const client = socket.destroyed ? undefined : this.accept(request, socket, head);
      if (client === undefined) throw new Gone();
      place.hold(
        guest instanceof Socket
          ? new ForwardEnd(guest, client, client.protocol === HALF_CLOSE_PROTOCOL)
          : new DatagramEnd(guest, client, portClosedText(port)),
      );
    } catch (error) {
      place.free();
      if (guest !== undefined) discard(guest);
      if (!(error instanceof Gone)) throw error;
    } finally {
      socket.off('close', giveUp);
    }
  }

  /** Undefined: a handshake that ws refused, which it has answered. */
  private accept(request: IncomingMessage, socket: Duplex, head: Buffer): WebSocket | undefined {
    const accepted: WebSocket[] = [];
    this.sockets.handleUpgrade(request, socket, head, (client) => accepted.push(client));
    return accepted[0];
  }
}

/** Nobody waits for the connection any more. */
class Gone extends Error {}
