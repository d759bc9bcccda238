import { STATUS_CODES, type IncomingMessage, type Server as HttpServer } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { errorMessage } from '../client/api-error.js';
import type { Log } from '../program/log.js';
import type { Status } from '../../api/status.js';

/**
 * From the request to the WebSocket or the refusal. Longer than what is asked meanwhile may take (an access review, an
 * agent: 10 s each); consoles are not bound by it, because `ws` takes the time limit away.
 */
const UPGRADE_MS = 30_000;
/** What a client has to read a refusal; then it is cut off, whether or not it has closed its side. */
const FAREWELL_MS = 5_000;

/** Takes a connection over, or throws. */
export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => Promise<void>;

/** Answers a request to upgrade with an error, and ends its connection. */
const refuseUpgrade = (socket: Duplex, status: Status): void => {
  const code = status.code ?? 500;
  const body = JSON.stringify(status);
  const farewell = setTimeout(() => socket.destroy(), FAREWELL_MS).unref();
  socket.once('close', () => clearTimeout(farewell));
  // What it sends after that is read and dropped: bytes that nobody has read would take the answer with them.
  socket.resume();
  socket.end(
    `HTTP/1.1 ${code} ${STATUS_CODES[code] ?? 'Error'}\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
};

/**
 * Serves upgrades. Node hands the socket over without a listener for its errors and without a time limit, so both are
 * here before anything is awaited: a client that leaves or is silent during the checks costs its own connection.
 * @param statusOf what a failure is answered with
 */
export const onUpgrade = (
  server: HttpServer,
  handler: UpgradeHandler,
  { log, statusOf }: { readonly log: Log; readonly statusOf: (error: unknown) => Status },
): void => {
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    if (socket instanceof Socket) socket.setTimeout(UPGRADE_MS, () => socket.destroy());
    const fail = (error: unknown): void => {
      try {
        refuseUpgrade(socket, statusOf(error));
      } catch (inner) {
        log.error({ error: errorMessage(inner) }, 'upgrade not refused');
        socket.destroy();
      }
    };
    // In a promise from the start, so that what is thrown before the first await is refused too.
    Promise.resolve()
      .then(() => handler(request, socket, head))
      .catch(fail);
  });
};
