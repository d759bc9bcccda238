import type { ServerResponse } from 'node:http';
import type { Server } from 'node:https';
import type { Socket } from 'node:net';

/** API servers and their front proxies need a few dozen; each costs some 40 KiB. */
const MAX_CONNECTIONS = 2048;
/**
 * Anybody in the cluster can connect. Without a limit for each of them one pod could hold all connections there are, and
 * nobody's VM would be admitted.
 */
export const MAX_CONNECTIONS_OF_ADDRESS = 256;

/** Of two numbers of connections: all, and those that come from one address. What is too much is closed at once, unanswered. */
export const limitConnections = (
  server: Server,
  { all = MAX_CONNECTIONS, ofAddress = MAX_CONNECTIONS_OF_ADDRESS }: { all?: number; ofAddress?: number } = {},
): void => {
  server.maxConnections = all;
  const open = new Map<string, number>();
  server.on('connection', (socket: Socket) => {
    const { remoteAddress = '' } = socket;
    const count = (open.get(remoteAddress) ?? 0) + 1;
    if (count > ofAddress) {
      socket.destroy();
      return;
    }
    open.set(remoteAddress, count);
    socket.once('close', () => {
      const left = (open.get(remoteAddress) ?? 1) - 1;
      if (left > 0) open.set(remoteAddress, left);
      else open.delete(remoteAddress);
    });
  });
};

/**
 * From now on each answer says that it is the last of its connection. Clients then connect anew, to a replica that stays; a
 * connection that is cut while it is idle may be cut just when a request comes along it, and that request fails.
 */
export const endConnectionsWithAnswers = (server: Server): void => {
  server.prependListener('request', (_request, response: ServerResponse) => {
    response.shouldKeepAlive = false;
  });
};
