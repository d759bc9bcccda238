import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket, type SecureContextOptions } from 'node:tls';
import { WebSocketServer, type WebSocket } from 'ws';
import { AGENT_CLIENT_NAME } from '../agent-api/identity.js';
import type { Status } from '../kube/types.js';
import { errorMessage } from '../kube/api-error.js';
import type { Log } from '../kube/log.js';
import type { Consoles } from './console.js';
import { RequestError } from './request-error.js';

const SUBPROTOCOL = 'plain.kubevirt.io';
const PATH = /^\/v1\/namespaces\/([^/]+)\/virtualmachineinstances\/([^/]+)\/([a-z]+)$/;
/** No message of a terminal comes near this. */
const MAX_MESSAGE = 1024 * 1024;

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
    this.server = createServer({
      ...options.tls,
      requestCert: true,
      rejectUnauthorized: true,
      minVersion: 'TLSv1.2',
    });
    this.server.headersTimeout = 10_000;
    this.server.requestTimeout = 10_000;
    this.server.keepAliveTimeout = 60_000;
    this.server.on('request', (request, response) => void this.answer(request, response));
    this.server.on('upgrade', (request, socket, head) => void this.upgrade(request, socket, head));
    // A scan or a health check that does not speak TLS; the log shows what it was.
    this.server.on('tlsClientError', (error) => options.log.debug({ error: error.message }, 'TLS client refused'));
  }

  /** For rotation without a restart: new connections use it. */
  setCertificates(tls: SecureContextOptions): void {
    this.server.setSecureContext(tls);
  }

  /** Resolves with the port. */
  listen(port: number, host?: string): Promise<number> {
    return new Promise((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, host, () => {
        this.server.removeListener('error', reject);
        resolve((this.server.address() as AddressInfo).port);
      });
    });
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.server.close(() => resolve());
      this.server.closeIdleConnections();
    });
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
    const path = new URL(request.url ?? '/', 'https://agent').pathname;
    const [, namespace, name, action] = PATH.exec(path) ?? [];
    if (namespace === undefined || name === undefined || action === undefined)
      throw new RequestError(404, `the agent does not serve ${path}`);
    return { key: `${decodeURIComponent(namespace)}/${decodeURIComponent(name)}`, action };
  }

  /** The console is opened before the upgrade, so that a failure is an HTTP answer and not a silent close. */
  private async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    socket.on('error', () => socket.destroy());
    try {
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
    } catch (error) {
      refuse(socket, statusOf(error));
    }
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

const refuse = (socket: Duplex, status: Status): void => {
  const body = JSON.stringify(status);
  socket.end(
    `HTTP/1.1 ${status.code ?? 500} ${status.reason ?? ''}\r\ncontent-type: application/json\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
};
