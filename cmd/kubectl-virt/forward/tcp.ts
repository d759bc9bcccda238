import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { ForwardEnd } from '../../../src/agent-api/forward-end.js';
import { Limiter } from '../../../src/agent/vm/limiter.js';
import { endingOf } from '../console/close-codes.js';
import { CliError, messageOf } from '../errors.js';
import { endsInHalves, type OpenPort } from './open-port.js';
import type { ForwardedPort } from './ports.js';

/** Connections at a time, a little below what a server allows a VM; those beyond them wait. */
const MOST_OPEN = 60;
/** Opened at a time: each is worth some handshakes, and what waits for others is not to run out of time. */
const MOST_OPENING = 8;
/** Those that wait. */
const MOST_ACCEPTED = 2_048;

export interface LocalListener {
  /** Where it listens. */
  readonly port: number;
  readonly close: () => void;
}

export interface ListenOptions {
  readonly address: string;
  readonly name: string;
  readonly port: ForwardedPort;
  readonly open: OpenPort;
  /** A connection failed; others go on. */
  readonly failed: (error: unknown) => void;
}

export const cannotListen = (address: string, port: number, error: unknown): CliError =>
  new CliError(`cannot listen at ${address} port ${port}: ${messageOf(error)}`, {
    remedy: 'Choose another local port (0 for a free one), and an --address of this machine.',
  });

/** One connection from here to the guest, until it ends. */
const serve = async (socket: Socket, { name, port, open }: ListenOptions): Promise<void> => {
  // Whoever has gone while it waited.
  if (socket.destroyed) return;
  try {
    const peer = await open(port);
    const { code, reason, byPeer } = await new ForwardEnd(socket, peer, endsInHalves(peer)).ended;
    // A program here that has gone needs no message, and neither does a guest that resets.
    if (!byPeer) return;
    const { error } = endingOf(code, reason, name, `port ${port.port}`);
    if (error !== undefined && !/reset$/.test(reason)) throw error;
  } catch (error) {
    socket.resetAndDestroy();
    throw error;
  }
};

/**
 * Listens for connections and forwards each by a WebSocket of its own. @throws CliError when the address cannot be had
 */
export const listenTcp = (options: ListenOptions): Promise<LocalListener> => {
  const { address, port, failed } = options;
  const turns = new Limiter(MOST_OPEN);
  const openings = new Limiter(MOST_OPENING);
  const inTurn: ListenOptions = { ...options, open: (to) => openings.run(() => options.open(to)) };
  const sockets = new Set<Socket>();
  const server: Server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true }, (socket) => {
    sockets.add(socket);
    // 'close' follows; without a listener an error would end the process.
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    turns.run(() => serve(socket, inTurn)).catch(failed);
  });
  server.maxConnections = MOST_ACCEPTED;
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(cannotListen(address, port.local, error)));
    server.listen(port.local, address, () => {
      server.on('error', failed);
      resolve({
        port: (server.address() as AddressInfo).port,
        close: () => {
          server.close();
          for (const socket of sockets) socket.destroy();
        },
      });
    });
  });
};
