import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { onUpgrade } from '../../kube/http-server/upgrade.js';
import { HALF_CLOSE_PROTOCOL, MAX_FORWARD_MESSAGE_BYTES } from '../../agent-api/forward.js';
import { CloseCode, MAX_MESSAGE_BYTES, STREAM_PROTOCOL } from '../../agent-api/stream.js';
import { readStreamQuery } from '../../agent-api/stream-query.js';
import { relayConsole } from './console-relay.js';
import { connectForward, connectStream } from './instance-actions.js';
import { admitRequest, credentialsOf, toStatusError, type SubresourceDependencies } from './router.js';
import { StreamLimit } from './stream-limit.js';
import { badRequest } from '../../agent-api/status-error.js';
import { PRESERVE_SESSION, WATCH } from '../../agent-api/vmi-subresources.js';

/** Live consoles of this replica. */
export interface Consoles {
  readonly count: () => number;
  /** Asks every client to reconnect to another replica, for a shutdown. */
  readonly close: () => void;
}

type Admitted = Awaited<ReturnType<typeof admitRequest>>;

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

/** The subprotocols that a client offers. */
const offeredBy = ({ headers }: IncomingMessage): string[] =>
  (headers['sec-websocket-protocol'] ?? '').split(',').map((one) => one.trim());

/**
 * Serves the streams of VMIs, `virtualmachineinstances/NAME/console` above all, and connections to their ports on the
 * webhook's server (docs/reference/control.md §3).
 */
export const attachConsole = (server: Server, dependencies: SubresourceDependencies): Consoles => {
  const clients = new Set<WebSocket>();
  const limit = new StreamLimit();
  const options = { noServer: true, perMessageDeflate: false } as const;
  const streams = new WebSocketServer({
    ...options,
    maxPayload: MAX_MESSAGE_BYTES,
    handleProtocols: (offered) => (offered.has(STREAM_PROTOCOL) ? STREAM_PROTOCOL : false),
  });
  /** What the agent has chosen of what the client offers. */
  const chosen = new WeakMap<IncomingMessage, string>();
  const forwards = new WebSocketServer({
    ...options,
    maxPayload: MAX_FORWARD_MESSAGE_BYTES,
    handleProtocols: (offered, request) => {
      const protocol = chosen.get(request);
      return protocol !== undefined && offered.has(protocol) ? protocol : false;
    },
  });

  /** The agent's end of what is asked for. @throws StatusError */
  const connect = async (request: IncomingMessage, { target, entry }: Admitted): Promise<WebSocket> => {
    const { store } = dependencies;
    const credentials = credentialsOf(dependencies);
    switch (entry.served) {
      case 'stream': {
        const asked = readStreamQuery(request.url, 'query' in entry ? entry.query : []);
        // An agent that is older knows no `watch`, and is not to let its sender take the screen over.
        const query = asked[WATCH] === true ? { ...asked, [PRESERVE_SESSION]: true } : asked;
        return connectStream(store, credentials, target, entry.subresource, query);
      }
      case 'forward': {
        if (target.port === undefined) throw badRequest('port must not be empty');
        const agent = await connectForward(store, credentials, target, {
          port: target.port,
          protocols: offeredBy(request),
        });
        chosen.set(request, agent.protocol);
        return agent;
      }
      default:
        throw badRequest(`${entry.subresource} is not a WebSocket endpoint`);
    }
  };

  const join = (
    upgrade: { readonly request: IncomingMessage; readonly socket: Duplex; readonly head: Buffer },
    { target, entry, user }: Admitted,
    agent: WebSocket,
    ended: () => void,
  ): void => {
    const isForward = entry.served === 'forward';
    const handshake = { joined: false };
    (isForward ? forwards : streams).handleUpgrade(upgrade.request, upgrade.socket, upgrade.head, (client) => {
      handshake.joined = true;
      client.pause();
      clients.add(client);
      const { namespace, name, port } = target;
      const opened = { namespace, name, user, ...port };
      dependencies.logger.info(opened, `${entry.subresource} opened`);
      const bareEnd = isForward && client.protocol !== HALF_CLOSE_PROTOCOL;
      void relayConsole(client, agent, { emptyCounts: isForward, bareEnd }).then(() => {
        clients.delete(client);
        ended();
        dependencies.logger.info(opened, `${entry.subresource} closed`);
      });
    });
    // ws calls back at once or has answered the client itself; the guest's console must not stay taken for nobody.
    if (handshake.joined) return;
    agent.terminate();
    ended();
  };

  const serve = async (request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> => {
    const admitted = await admitRequest(dependencies, request);
    const { entry, user, target } = admitted;
    if (entry.served === 'stream' || entry.served === 'forward') requireWebSocket(request);
    const free = limit.take({ user, namespace: target.namespace });
    try {
      const agent = await connect(request, admitted);
      if (!socket.destroyed) {
        join({ request, socket, head }, admitted, agent, free);
        return;
      }
      agent.close(CloseCode.ended);
      free();
    } catch (error) {
      free();
      throw error;
    }
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
