import type { RawData, WebSocket } from 'ws';
import { CloseCode, PING_INTERVAL_MS, SILENCE_LIMIT_MS } from '../../agent-api/stream.js';

/*
 * Relays a console between a client and an agent, message by message (docs/reference/control.md §3.2 "Ours"): each leg
 * has its own pings, a slow reader slows the writer down, and the close code of one side reaches the other.
 */

/** Bytes a slow peer may have outstanding before its counterpart is paused. */
const HIGH_WATER_BYTES = 256 * 1024;
const LOW_WATER_BYTES = 64 * 1024;
/** Messages it may have outstanding: each costs hundreds of bytes, whatever it holds. */
const HIGH_WATER_MESSAGES = 256;
const LOW_WATER_MESSAGES = 64;
const RESERVED: ReadonlyMap<number, number> = new Map([
  // 1005 "no code": the peer closed in order. 1006 "abnormal": the connection broke, or ended without a close frame.
  // Neither may be sent.
  [CloseCode.lost, CloseCode.ended],
  [CloseCode.broken, CloseCode.relayError],
]);

/** What a relay carries. */
interface Carried {
  /** An empty message means something, as it does of forwarded connections. */
  readonly emptyCounts?: boolean;
  /** The client may end it by closing its connection, without a close frame: so does virtctl with a port's. */
  readonly bareEnd?: boolean;
}

const forward = (from: WebSocket, to: WebSocket, { emptyCounts = false, bareEnd = false }: Carried): void => {
  let underWay = 0;
  from.on('message', (data: RawData, isBinary: boolean) => {
    // Text is not part of the protocol: the reference drops it, and so do we. Nothing is nothing to relay.
    if (!isBinary || (!emptyCounts && (data as Buffer).length === 0) || to.readyState !== to.OPEN) return;
    underWay += 1;
    to.send(data as Buffer, { binary: true }, () => {
      underWay -= 1;
      if (from.isPaused && underWay <= LOW_WATER_MESSAGES && to.bufferedAmount <= LOW_WATER_BYTES) from.resume();
    });
    if (underWay > HIGH_WATER_MESSAGES || to.bufferedAmount > HIGH_WATER_BYTES) from.pause();
  });
  from.on('close', (code, reason) => {
    if (to.readyState === to.CLOSING || to.readyState === to.CLOSED) return;
    const broke = code === CloseCode.broken && !bareEnd;
    const sendable = bareEnd && code === CloseCode.broken ? CloseCode.ended : (RESERVED.get(code) ?? code);
    to.close(sendable, broke ? 'the connection on the other side of the relay broke' : reason);
    // A paused socket would never read the closing handshake.
    to.resume();
  });
  from.on('error', () => {
    // 'close' follows with 1006 and is forwarded above; without a listener the error would end the process.
  });
};

const keepAlive = (socket: WebSocket): void => {
  let lastHeard = Date.now();
  const heard = () => {
    lastHeard = Date.now();
  };
  socket.on('pong', heard).on('message', heard).on('ping', heard);
  const timer = setInterval(() => {
    // A paused socket cannot deliver its pong; back-pressure is not silence.
    if (!socket.isPaused && Date.now() - lastHeard > SILENCE_LIMIT_MS) socket.terminate();
    else if (socket.readyState === socket.OPEN) socket.ping();
  }, PING_INTERVAL_MS);
  timer.unref();
  socket.once('close', () => clearInterval(timer));
};

/** Joins two open sockets until one closes; resolves when both are closed. */
export const relayConsole = async (client: WebSocket, agent: WebSocket, carried: Carried = {}): Promise<void> => {
  const ended = Promise.all(
    [client, agent].map((socket) => new Promise<void>((resolve) => socket.once('close', () => resolve()))),
  );
  forward(client, agent, carried);
  forward(agent, client, { ...carried, bareEnd: false });
  keepAlive(client);
  keepAlive(agent);
  agent.resume();
  client.resume();
  await ended;
};
