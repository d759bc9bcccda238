import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Server } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket, type SecureContextOptions } from 'node:tls';
import { WebSocketServer, type WebSocket } from 'ws';
import { AGENT_CLIENT_NAME } from '../../agent-api/identity.js';
import type { Status } from '../../kube/types.js';
import { errorMessage } from '../../kube/client/api-error.js';
import { systemClock } from '../../kube/clock.js';
import { closeServer } from '../../kube/http-server/close.js';
import { listen, type ListenAddress } from '../../kube/http-server/listen.js';
import { decodeSegment, requestPath } from '../../kube/http-server/request-path.js';
import { createTlsServer } from '../../kube/http-server/server.js';
import { onUpgrade } from '../../kube/http-server/upgrade.js';
import type { Log } from '../../kube/program/log.js';
import type { Consoles } from './console.js';
import { RequestError } from './request-error.js';

const SUBPROTOCOL = 'plain.kubevirt.io';
const PATH = /^\/v1\/namespaces\/([^/]+)\/virtualmachineinstances\/([^/]+)\/([a-z]+)$/;
/** No message of a terminal comes near this. */
const MAX_MESSAGE = 1024 * 1024;
/**
 * Each console is a connection, and all of them come from the few replicas of the webhook: one for every VM that a node can have
 * (kubelet's pod limit is 110, of large nodes 250), from each replica.
 */
const CONNECTIONS = { connections: 1024, connectionsOfAddress: 256 };
/** What runs when the agent stops: a state change, which libvirt answers at once. */
const CLOSE_MS = 2_000;

export type StateChange = 'pause' | 'unpause' | 'softreboot' | 'reset';
const STATE_CHANGES: readonly string[] = ['pause', 'unpause', 'softreboot', 'reset'] satisfies StateChange[];

/** What the server can do with VMs; keys are `namespace/name`. Failures are {@link RequestError}s. */
export interface VmAccess {
  openConsole(key: string): Promise<Socket>;
  change(key: string, change: StateChange): Promise<void>;
}

export interface AgentServerOptions {
  readonly tls: SecureContextOptions;
  readonly vms: VmAccess;
  readonly consoles: Consoles;
  readonly log: Log;
}

/** Streams and state changes of this node's VMs, for the webhook alone (mutual TLS). */
export class AgentServer {
  private readonly server: Server;
  private readonly sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: MAX_MESSAGE,
    handleProtocols: (protocols) => (protocols.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
  });

  constructor(private readonly options: AgentServerOptions) {
    const { log } = options;
    this.server = createTlsServer({
      tls: { ...options.tls, requestCert: true, rejectUnauthorized: true },
      limits: CONNECTIONS,
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
    request.resume();
    const { code, body } = await this.run(request);
    response.writeHead(code, { 'content-type': 'application/json' }).end(body);
  }

  private async run(request: IncomingMessage): Promise<{ code: number; body: string }> {
    try {
      const { key, action } = this.target(request);
      if (!STATE_CHANGES.includes(action)) throw new RequestError(404, `the agent has no ${action} for plain requests`);
      if (request.method !== 'PUT') throw new RequestError(405, `${action} is a PUT request`);
      await this.options.vms.change(key, action as StateChange);
      return { code: 202, body: '' };
    } catch (error) {
      const status = statusOf(error);
      return { code: status.code ?? 500, body: JSON.stringify(status) };
    }
  }

  private target(request: IncomingMessage): { key: string; action: string } {
    authorize(request.socket);
    const path = requestPath(request.url) ?? '';
    const [, encodedNamespace = '', encodedName = '', action = ''] = PATH.exec(path) ?? [];
    const [namespace, name] = [decodeSegment(encodedNamespace), decodeSegment(encodedName)];
    if (!namespace || !name) throw new RequestError(404, `the agent does not serve ${path}`);
    return { key: `${namespace}/${name}`, action };
  }

  /** The console is opened before the upgrade, so that a failure is an HTTP answer and not a silent close. */
  private async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const { key, action } = this.target(request);
    if (action !== 'console') throw new RequestError(404, `the agent has no stream ${action}`);
    const serial = await this.options.vms.openConsole(key);
    if (socket.destroyed) {
      serial.destroy();
      return;
    }
    const accepted: WebSocket[] = [];
    this.sockets.handleUpgrade(request, socket, head, (client) => accepted.push(client));
    const [client] = accepted;
    if (client) this.options.consoles.attach(key, serial, client);
    // A handshake that ws refused (it has answered): the guest's console takes one connection at a time.
    else serial.destroy();
  }
}

/** The chain was checked by TLS; the CA has issued other certificates too, so the name counts. */
const authorize = (socket: Socket): void => {
  if (!(socket instanceof TLSSocket)) throw new RequestError(403, 'the agent speaks TLS only');
  const name: unknown = socket.getPeerCertificate().subject.CN;
  if (!socket.authorized || name !== AGENT_CLIENT_NAME)
    throw new RequestError(403, `the client certificate is not one of ${AGENT_CLIENT_NAME}`);
};

const statusOf = (error: unknown): Status => {
  const code = error instanceof RequestError ? error.code : 500;
  return {
    apiVersion: 'v1',
    kind: 'Status',
    status: 'Failure',
    code,
    reason: REASONS[code] ?? 'InternalError',
    message: errorMessage(error),
  };
};

const REASONS: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  409: 'Conflict',
  503: 'ServiceUnavailable',
};
