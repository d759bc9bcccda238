import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Server } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { TLSSocket, type SecureContextOptions } from 'node:tls';
import { WebSocketServer, type WebSocket } from 'ws';
import { AGENT_REQUEST_BYTES, readAgentRequest, type AgentRequest } from '../../agent-api/agent-request.js';
import { AGENT_PATH } from '../../agent-api/agent-path.js';
import { AGENT_CLIENT_NAME } from '../../agent-api/identity.js';
import { readGuestPort, type GuestPort } from '../../agent-api/forward.js';
import { PICTURE_TYPE } from '../../agent-api/picture.js';
import { StatusError } from '../../agent-api/status-error.js';
import { readStreamQuery } from '../../agent-api/stream-query.js';
import type { StreamEntry } from '../../agent-api/subresource.js';
import { MAX_MESSAGE_BYTES, STREAM_PROTOCOL } from '../../agent-api/stream.js';
import {
  isAgentAction,
  isAgentForward,
  isAgentStream,
  MOVE_CURSOR,
  PICTURE_AT_AGENT,
  PRESERVE_SESSION,
  VMI_SUBRESOURCES,
  WATCH,
  type AgentAction,
  type AgentStream,
} from '../../agent-api/vmi-subresources.js';
import { failureStatus, type FailureStatus } from '../../api/status.js';
import { errorMessage } from '../../kube/client/api-error.js';
import { systemClock } from '../../kube/clock.js';
import { closeServer } from '../../kube/http-server/close.js';
import { listen, type ListenAddress } from '../../kube/http-server/listen.js';
import { readBody } from '../../kube/http-server/read-body.js';
import { decodeSegment, requestPath } from '../../kube/http-server/request-path.js';
import { createTlsServer } from '../../kube/http-server/server.js';
import { onUpgrade } from '../../kube/http-server/upgrade.js';
import type { Log } from '../../kube/program/log.js';
import type { DialledSocket } from '../network/dialler.js';
import type { Consoles } from './console.js';
import { ForwardUpgrades } from './forward-upgrade.js';
import { MOST_FORWARDS, type Forwards } from './forwards.js';

/**
 * Each stream is a connection, and all of them come from the few replicas of the webhook, of which each has 256 at most
 * (MOST_STREAMS there); the rest is for state changes and questions, however many streams there are.
 */
const CONNECTIONS_OF_WEBHOOK = 256 + MOST_FORWARDS.ofNode;
const LIMITS = {
  connections: 4 * CONNECTIONS_OF_WEBHOOK,
  connectionsOfAddress: CONNECTIONS_OF_WEBHOOK,
  bodyBytes: AGENT_REQUEST_BYTES,
};
/** What runs when the agent stops: a state change, which libvirt answers at once. */
const CLOSE_MS = 2_000;

/** What the server can do with VMs; keys are `namespace/name`. Failures are {@link StatusError}s. */
export interface VmAccess {
  open(key: string, stream: AgentStream): Promise<Socket>;
  /** @returns what is to be answered; undefined: nothing */
  act(key: string, action: AgentAction, asked: AgentRequest): Promise<unknown>;
  /** A PNG of the screen as it comes, of a bounded size. @param moves the guest's pointer is moved first */
  picture(key: string, moves: boolean): Promise<AsyncIterable<Buffer>>;
  /** A connection to a port of the guest, from its pod's network. @param given up: nobody waits for it any more */
  dial(key: string, port: GuestPort, given: AbortSignal): Promise<DialledSocket>;
}

export interface AgentServerOptions {
  readonly tls: SecureContextOptions;
  readonly vms: VmAccess;
  readonly consoles: Consoles;
  readonly forwards: Forwards;
  readonly log: Log;
}

/** Streams and state changes of this node's VMs, for the webhook alone (mutual TLS). */
export class AgentServer {
  private readonly server: Server;
  private readonly sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: MAX_MESSAGE_BYTES,
    handleProtocols: (protocols) => (protocols.has(STREAM_PROTOCOL) ? STREAM_PROTOCOL : false),
  });

  private readonly forwardUpgrades = new ForwardUpgrades();

  constructor(private readonly options: AgentServerOptions) {
    const { log } = options;
    this.server = createTlsServer({
      tls: { ...options.tls, requestCert: true, rejectUnauthorized: true },
      limits: LIMITS,
      handler: (request, response) => this.answer(request, response),
      log,
    });
    onUpgrade(this.server, (...of) => this.upgrade(...of), { log, statusOf });
  }

  /** For rotation without a restart: new connections use it. */
  setCertificates(tls: SecureContextOptions): void {
    this.server.setSecureContext(tls);
  }

  /** Resolves with the port. @throws when the address cannot be had */
  listen(address: ListenAddress): Promise<number> {
    return listen(this.server, address);
  }

  async close(): Promise<void> {
    await closeServer(this.server, systemClock, CLOSE_MS);
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { code, body } = await this.run(request, response);
    request.resume();
    if (body === undefined) return;
    response.writeHead(code, { 'content-type': 'application/json' }).end(body);
  }

  /** A picture is sent while it comes, and leaves no body. */
  private async run(request: IncomingMessage, response: ServerResponse): Promise<{ code: number; body?: string }> {
    try {
      const { key, word, below } = this.target(request);
      if (word === PICTURE_AT_AGENT && below === undefined && request.method === 'GET') {
        const { [MOVE_CURSOR]: moves = false } = readStreamQuery(request.url, VMI_SUBRESOURCES[word].query);
        await sendPicture(await this.options.vms.picture(key, moves), response);
        return { code: 200 };
      }
      if (!isAgentAction(word) || below !== undefined)
        throw new StatusError('NotFound', `the agent has no ${word} for plain requests`);
      const { method } = VMI_SUBRESOURCES[word];
      if (request.method !== method) throw new StatusError('MethodNotAllowed', `${word} is a ${method} request`);
      const body = await readBody(request, AGENT_REQUEST_BYTES);
      if (body === undefined) throw new StatusError('RequestEntityTooLarge', 'the request to the agent is too large');
      const said = await this.options.vms.act(key, word, readAgentRequest(body));
      return said === undefined ? { code: 202, body: '' } : { code: 200, body: JSON.stringify(said) };
    } catch (error) {
      const status = statusOf(error);
      return { code: status.code, body: JSON.stringify(status) };
    }
  }

  private target(request: IncomingMessage): { key: string; word: string; below?: string } {
    authorize(request.socket);
    const path = requestPath(request.url) ?? '';
    const [, encodedNamespace = '', encodedName = '', word = '', below] = AGENT_PATH.exec(path) ?? [];
    const [namespace, name] = [decodeSegment(encodedNamespace), decodeSegment(encodedName)];
    if (!namespace || !name) throw new StatusError('NotFound', `the agent does not serve ${path}`);
    return { key: `${namespace}/${name}`, word, ...(below === undefined ? {} : { below }) };
  }

  /** The guest's end is opened before the upgrade, so that a failure is an HTTP answer and not a silent close. */
  private async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const { key, word, below } = this.target(request);
    if (isAgentForward(word)) {
      const port = readGuestPort(below?.split('/') ?? []);
      const { forwards, vms } = this.options;
      const dial = (given: AbortSignal): Promise<DialledSocket> => vms.dial(key, port, given);
      return this.forwardUpgrades.serve({ request, socket, head }, { key, port }, { forwards, dial });
    }
    if (!isAgentStream(word) || below !== undefined)
      throw new StatusError('NotFound', `the agent has no stream ${word}`);
    const { query, what } = VMI_SUBRESOURCES[word] as StreamEntry;
    const { [PRESERVE_SESSION]: preserve = false, [WATCH]: watches = false } = readStreamQuery(request.url, query);
    const guest = await this.options.vms.open(key, word);
    if (socket.destroyed) {
      guest.destroy();
      return;
    }
    // From here to the end nobody else gets in between.
    const { consoles } = this.options;
    try {
      if (watches) consoles.requireRoomToWatch(key);
      else if (preserve && consoles.isTaken(word, key))
        throw new StatusError(
          'Conflict',
          `another user has the ${what} of ${key}, and ${PRESERVE_SESSION} leaves it with him`,
        );
    } catch (error) {
      guest.destroy();
      throw error;
    }
    const accepted: WebSocket[] = [];
    this.sockets.handleUpgrade(request, socket, head, (client) => accepted.push(client));
    const [client] = accepted;
    if (client && watches) consoles.watch(key, guest, client);
    else if (client) consoles.attach(word, key, guest, client);
    // A handshake that ws refused (it has answered): the guest's console takes one connection at a time.
    else guest.destroy();
  }
}

/** What goes wrong on the way ends the connection: the head is sent, and half a picture must not pass for one. */
const sendPicture = async (picture: AsyncIterable<Buffer>, response: ServerResponse): Promise<void> => {
  response.writeHead(200, { 'content-type': PICTURE_TYPE });
  await pipeline(picture, response).catch(() => response.destroy());
};

/** The chain was checked by TLS; the CA has issued other certificates too, so the name counts. */
const authorize = (socket: Socket): void => {
  if (!(socket instanceof TLSSocket)) throw new StatusError('Forbidden', 'the agent speaks TLS only');
  const name: unknown = socket.getPeerCertificate().subject.CN;
  if (!socket.authorized || name !== AGENT_CLIENT_NAME)
    throw new StatusError('Forbidden', `the client certificate is not one of ${AGENT_CLIENT_NAME}`);
};

const statusOf = (error: unknown): FailureStatus =>
  error instanceof StatusError ? error.toStatus() : failureStatus('InternalError', errorMessage(error));
