import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { CLOSE_CODES, CloseCode, MAX_MESSAGE_BYTES, MAX_REASON_BYTES } from '../../../../src/agent-api/stream.js';
import { writeStreamQuery } from '../../../../src/agent-api/stream-query.js';
import { WATCH } from '../../../../src/agent-api/vmi-subresources.js';
import type { ApiClient } from '../../client/client.js';
import { isCliError, messageOf } from '../../errors.js';
import { openWebSocket } from '../../console/connect.js';
import { subresourcePath } from '../../paths.js';
import type { Place } from '../shared/protocol.js';
import { relayBytes } from './relay.js';

/** How often each side is pinged. */
const PING_MS = 20_000;

/** As much of a reason as a close frame holds, cut between two characters. */
const reasonOf = (text: string): string => {
  let reason = text;
  while (Buffer.byteLength(reason) > MAX_REASON_BYTES) reason = reason.slice(0, -1);
  return reason;
};

/** A code that may be sent: 1005, 1006 and 1015 are never on the wire. */
const sendable = (code: number): number => ([1004, 1005, 1006, 1015].includes(code) ? CloseCode.relayError : code);

const endWith = (from: WebSocket, to: WebSocket): void => {
  from.on('close', (code, reason) => {
    const text = reason.toString('utf8') || (code === 1006 ? CLOSE_CODES.broken.text('the VM', 'stream') : '');
    to.close(sendable(code), reasonOf(text));
  });
  // 'close' follows.
  from.on('error', () => undefined);
};

export const pageSockets = (): WebSocketServer =>
  new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES, perMessageDeflate: false });

export interface GuestStream {
  readonly place: Place;
  readonly stream: 'console' | 'vnc';
  /** Beside whoever has the screen, instead of in his place. */
  readonly looksOn: boolean;
}

/** A stream of a guest to the page: its serial console, or its screen. */
export const relayStream = async (
  sockets: WebSocketServer,
  client: ApiClient,
  { place, stream, looksOn }: GuestStream,
  [request, socket, head]: [IncomingMessage, Duplex, Buffer],
): Promise<void> => {
  // First the page's end: a browser is told nothing of why an upgrade was refused, but reads a close frame's reason.
  const page = await new Promise<WebSocket>((resolve) => sockets.handleUpgrade(request, socket, head, resolve));
  page.pause();
  page.on('error', () => undefined);
  let guest: WebSocket;
  try {
    const query = writeStreamQuery(looksOn ? { [WATCH]: true } : {});
    guest = await openWebSocket(client, `${subresourcePath('vmi', place.namespace, place.name, stream)}${query}`);
  } catch (error) {
    const remedy = isCliError(error) && error.remedy !== undefined ? ` ${error.remedy}` : '';
    page.close(CloseCode.relayError, reasonOf(`${messageOf(error)}.${remedy}`));
    page.resume();
    return;
  }
  const pings = setInterval(() => {
    for (const each of [page, guest]) if (each.readyState === each.OPEN) each.ping();
  }, PING_MS);
  page.on('close', () => {
    clearInterval(pings);
    if (guest.readyState === guest.OPEN) guest.close(CloseCode.ended);
  });
  relayBytes(guest, page, { counted: stream === 'console' });
  relayBytes(page, guest, { counted: false });
  endWith(guest, page);
  endWith(page, guest);
  if (page.readyState !== page.OPEN) guest.close(CloseCode.ended);
  guest.resume();
  page.resume();
};
