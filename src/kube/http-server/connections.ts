import type { Server as HttpServer, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { ServerLimits } from './limits.js';

/** The connections of each server, those included that became streams, of which Node keeps no list. */
const connectionsOf = new WeakMap<HttpServer, Set<Socket>>();

/** Cuts what is open, streams too. */
export const cutConnections = (server: HttpServer): void => {
  for (const socket of connectionsOf.get(server) ?? []) socket.destroy();
};

/**
 * Of two numbers of connections: all, and those that come from one address. What is too much is closed at once,
 * unanswered.
 */
export const limitConnections = (
  server: HttpServer,
  { connections, connectionsOfAddress }: Pick<ServerLimits, 'connections' | 'connectionsOfAddress'>,
): void => {
  server.maxConnections = connections;
  const open = new Map<string, number>();
  const sockets = new Set<Socket>();
  connectionsOf.set(server, sockets);
  server.on('connection', (socket: Socket) => {
    const { remoteAddress = '' } = socket;
    const count = (open.get(remoteAddress) ?? 0) + 1;
    if (count > connectionsOfAddress) {
      socket.destroy();
      return;
    }
    open.set(remoteAddress, count);
    sockets.add(socket);
    socket.once('close', () => {
      sockets.delete(socket);
      const left = (open.get(remoteAddress) ?? 1) - 1;
      if (left > 0) open.set(remoteAddress, left);
      else open.delete(remoteAddress);
    });
  });
};

/**
 * Decides whether a request may be processed; ends the connection that sends too many without waiting for their
 * answers.
 */
export const requestCounter = (limit: number) => {
  const unanswered = new WeakMap<Socket, number>();
  return (socket: Socket, response: ServerResponse): boolean => {
    const count = (unanswered.get(socket) ?? 0) + 1;
    if (count > limit) {
      socket.destroy();
      return false;
    }
    unanswered.set(socket, count);
    // Comes after each answer, and when there is nobody left to answer.
    response.once('close', () => unanswered.set(socket, (unanswered.get(socket) ?? 1) - 1));
    return true;
  };
};

/**
 * From now on each answer says that it is the last of its connection. Clients then connect again, to a replica that
 * stays; a connection that is cut while it is idle may be cut just when a request comes along it, and that request
 * fails.
 */
export const endConnectionsWithAnswers = (server: HttpServer): void => {
  server.prependListener('request', (_request, response: ServerResponse) => {
    response.shouldKeepAlive = false;
  });
};
