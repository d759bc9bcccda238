import { type Agent, type IncomingMessage, type OutgoingHttpHeaders, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Credentials, TlsMaterial } from '../kubeconfig/credentials.js';
import { connectionPool } from './agents.js';
import { ConnectionError, connectionError } from './api-error.js';

export interface TransportRequest {
  method: string;
  /** Path and query. */
  path: string;
  headers?: OutgoingHttpHeaders;
  body?: string | undefined;
  /**
   * For the head of the answer, and after that for each silence while its body is read. Milliseconds; 0 is no limit.
   */
  timeoutMs: number;
  signal?: AbortSignal | undefined;
}

export interface TransportOptions {
  proxy?: URL | undefined;
  /** Whether connections are kept for the next request. A command that makes one request spares the bookkeeping. */
  keepAlive?: boolean | undefined;
}

/** What a WebSocket client needs to reach the same server with the same credentials. */
export interface SocketOptions {
  url: URL;
  headers: OutgoingHttpHeaders;
  agent: Agent;
}

/** One API server, one pool of connections, credentials renewed per request. */
export class Transport {
  private pool: { agent: Agent; key: string; tls: TlsMaterial } | undefined;
  private closed = new AbortController();
  readonly server: URL;

  constructor(
    server: string,
    private readonly credentials: Credentials,
    private readonly options: TransportOptions = {},
  ) {
    this.server = new URL(server);
  }

  /** Resolves with the head of the answer; its body is not read yet. */
  async send(request: TransportRequest): Promise<IncomingMessage> {
    const { headers, agent } = await this.prepare();
    const all: OutgoingHttpHeaders = { accept: 'application/json', ...request.headers, ...headers };
    if (request.body !== undefined) all['content-length'] = Buffer.byteLength(request.body);
    return new Promise((resolve, reject) => {
      const send = this.server.protocol === 'http:' ? httpRequest : httpsRequest;
      const outgoing = send({
        protocol: this.server.protocol,
        hostname: this.server.hostname.replace(/^\[|\]$/g, ''),
        port: this.server.port,
        method: request.method,
        path: `${this.server.pathname.replace(/\/$/, '')}${request.path}`,
        headers: all,
        agent,
        signal: request.signal,
      });
      const settle = (): void => {
        clearTimeout(timer);
        request.signal?.removeEventListener('abort', abort);
      };
      // Rejected here, not by the request's own error: a request that still waits for its proxy reports none.
      const fail = (error: unknown): void => {
        settle();
        reject(this.explain(error));
        outgoing.destroy();
      };
      const abort = (): void => fail(request.signal?.reason);
      // Not setTimeout on the socket alone: a connection that is never made has no socket activity to time.
      const timer =
        request.timeoutMs > 0
          ? setTimeout(fail, request.timeoutMs, new ConnectionError('TIMEOUT', this.timeoutMessage(request.timeoutMs)))
          : undefined;
      request.signal?.addEventListener('abort', abort);
      outgoing.once('response', (response) => {
        settle();
        resolve(response);
      });
      outgoing.on('error', fail);
      outgoing.end(request.body);
      if (request.signal?.aborted) abort();
    });
  }

  /** For `new WebSocket(url, protocols, { headers, agent })`. */
  async socketOptions(path: string): Promise<SocketOptions> {
    const url = new URL(this.server);
    url.protocol = this.server.protocol === 'http:' ? 'ws:' : 'wss:';
    const [pathname = '', query = ''] = path.split('?');
    url.pathname = `${this.server.pathname.replace(/\/$/, '')}${pathname}`;
    url.search = query;
    return { url, ...(await this.prepare()) };
  }

  invalidateCredentials(): void {
    this.credentials.invalidate();
  }

  close(): void {
    this.pool?.agent.destroy();
    this.pool = undefined;
    this.closed.abort();
    this.closed = new AbortController();
  }

  timeoutMessage(milliseconds: number): string {
    return `the API server ${this.server.origin} did not answer within ${milliseconds / 1000} s`;
  }

  explain(error: unknown): Error {
    return connectionError(this.server.origin, error);
  }

  private async prepare(): Promise<{ headers: OutgoingHttpHeaders; agent: Agent }> {
    const { headers, tls } = await this.credentials.resolve();
    return { headers, agent: await this.agentFor(tls) };
  }

  /** A new client certificate or CA means new connections; the old ones end when their requests do. */
  private async agentFor(tls: TlsMaterial): Promise<Agent> {
    if (this.pool?.tls === tls) return this.pool.agent;
    const key = JSON.stringify([tls.ca, tls.cert, tls.key].map((value) => value?.toString('base64')));
    if (this.pool?.key === key) {
      this.pool.tls = tls;
      return this.pool.agent;
    }
    const { proxy, keepAlive = true } = this.options;
    const agent = await connectionPool(this.server, tls, { proxy, keepAlive, closed: this.closed.signal });
    this.pool = { agent, key, tls };
    return agent;
  }
}
