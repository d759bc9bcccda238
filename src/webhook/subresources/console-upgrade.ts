import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { onUpgrade } from '../../kube/http-server/upgrade.js';
import { CloseCode, MAX_MESSAGE_BYTES, STREAM_PROTOCOL } from '../../agent-api/stream.js';
import { readStreamQuery } from '../../agent-api/stream-query.js';
import { relayConsole } from './console-relay.js';
import { connectStream } from './instance-actions.js';
import { admitRequest, credentialsOf, toStatusError, type SubresourceDependencies } from './router.js';
import { badRequest } from '../../agent-api/status-error.js';
import { PRESERVE_SESSION, WATCH } from '../../agent-api/vmi-subresources.js';

/** Live consoles of this replica. */
export interface Consoles {
  readonly count: () => number;
  /** Asks every client to reconnect to another replica, for a shutdown. */
  readonly close: () => void;
}

/** RFC 6455 §4.1: 16 bytes in base64. 8 is the last draft, which ws takes too. */
const KEY = /^[+/0-9A-Za-z]{22}==$/;
const VERSIONS: readonly (string | undefined)[] = ['13', '8'];

/** Before the agent is asked: opening a console disconnects the client that has it open. @throws StatusError 400 */
export const requireWebSocket = ({ headers }: Pick<IncomingMessage, 'headers'>): void => {
  const key = headers['sec-websocket-key'];
  const isHandshake = headers.upgrade?.toLowerCase() === 'websocket' && key !== undefined && KEY.test(key);
  if (isHandshake && VERSIONS.includes(headers['sec-websocket-version'])) return;
  throw badRequest(
    'this is a WebSocket: send Upgrade: websocket, Sec-WebSocket-Version: 13 and a Sec-WebSocket-Key of 16 bytes in base64',
  );
};

/**
 * Serves the streams of VMIs, `virtualmachineinstances/NAME/console` above all, on the webhook's server
 * (docs/reference/control.md §3).
 */
export const attachConsole = (server: Server, dependencies: SubresourceDependencies): Consoles => {
  const clients = new Set<WebSocket>();
  const upgrades = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: MAX_MESSAGE_BYTES,
    handleProtocols: (offered) => (offered.has(STREAM_PROTOCOL) ? STREAM_PROTOCOL : false),
  });

  const serve = async (request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> => {
    const { target, entry, user } = await admitRequest(dependencies, request);
    if (entry.served !== 'stream') throw badRequest(`${entry.subresource} is not a WebSocket endpoint`);
    requireWebSocket(request);
    const asked = readStreamQuery(request.url, 'query' in entry ? entry.query : []);
    // An agent that is older knows no `watch`, and is not to let its sender take the screen over.
    const query = asked[WATCH] === true ? { ...asked, [PRESERVE_SESSION]: true } : asked;
    const agent = await connectStream(
      dependencies.store,
      credentialsOf(dependencies),
      target,
      entry.subresource,
      query,
    );
    if (socket.destroyed) {
      agent.close(CloseCode.ended);
      return;
    }
    const handshake = { joined: false };
    upgrades.handleUpgrade(request, socket, head, (client) => {
      handshake.joined = true;
      client.pause();
      clients.add(client);
      const { namespace, name } = target;
      const opened = { namespace, name, user };
      dependencies.logger.info(opened, `${entry.subresource} opened`);
      void relayConsole(client, agent).then(() => {
        clients.delete(client);
        dependencies.logger.info(opened, `${entry.subresource} closed`);
      });
    });
    // ws calls back at once or has answered the client itself; the guest's console must not stay taken for nobody.
    if (!handshake.joined) agent.terminate();
  };

  onUpgrade(server, serve, {
    log: dependencies.logger,
    statusOf: (error) => toStatusError(error, dependencies.logger).toStatus(),
  });

  return {
    count: () => clients.size,
    close: () => {
      for (const client of clients) client.close(CloseCode.goingAway, 'virt-webhook is shutting down; connect again');
    },
  };
};
