import { Agent as HttpAgent, request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { ConnectionError } from './api-error.js';
import type { Credentials, TlsMaterial } from '../kubeconfig/credentials.js';

export interface TransportRequest {
  method: string;
  /** Path and query. */
  path: string;
  headers?: OutgoingHttpHeaders;
  body?: string | undefined;
  /** For the head of the answer, and after that for each silence while its body is read. Milliseconds. */
  timeoutMs: number;
  signal?: AbortSignal | undefined;
}

/** What a WebSocket client needs to reach the same server with the same credentials. */
export interface SocketOptions {
  url: URL;
  headers: OutgoingHttpHeaders;
  agent: HttpAgent | HttpsAgent;
}

type Agent = HttpAgent | HttpsAgent;

/** TCP keep-alive from 15 s on: a peer that vanished behind a working network is found without waiting for traffic. */
const KEEP_ALIVE_MS = 15_000;

/** One API server, one pool of kept-alive connections, credentials renewed per request. */
export class Transport {
  private agent: { agent: Agent; key: string } | undefined;
  readonly server: URL;

  constructor(
    server: string,
    private readonly credentials: Credentials,
  ) {
    this.server = new URL(server);
    if (!['http:', 'https:'].includes(this.server.protocol)) {
      throw new ConnectionError('BAD_SERVER', `server "${server}": write https://HOST:PORT.`);
    }
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
      // Not setTimeout on the socket alone: a connection that is never made has no socket activity to time.
      const timer = setTimeout(() => {
        outgoing.destroy(new ConnectionError('TIMEOUT', this.timeoutMessage(request.timeoutMs)));
      }, request.timeoutMs);
      outgoing.once('response', (response) => {
        clearTimeout(timer);
        resolve(response);
      });
      outgoing.on('error', (error) => {
        clearTimeout(timer);
        reject(this.explain(error));
      });
      outgoing.end(request.body);
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
    this.agent?.agent.destroy();
    this.agent = undefined;
  }

  timeoutMessage(milliseconds: number): string {
    return `the API server ${this.server.origin} did not answer within ${milliseconds / 1000} s`;
  }

  explain(error: unknown): Error {
    if (error instanceof ConnectionError) return error;
    const { code = 'UNKNOWN', message, name } = error as NodeJS.ErrnoException;
    if (name === 'AbortError') return error as Error;
    return new ConnectionError(code, `cannot reach the API server ${this.server.origin}: ${message || code}`, {
      cause: error,
    });
  }

  private async prepare(): Promise<{ headers: OutgoingHttpHeaders; agent: Agent }> {
    const { headers, tls } = await this.credentials.resolve();
    return { headers, agent: this.agentFor(tls) };
  }

  /** A new client certificate or CA means new connections; the old ones end when their requests do. */
  private agentFor(tls: TlsMaterial): Agent {
    const key = JSON.stringify([tls.ca, tls.cert, tls.key].map((value) => value?.toString('base64')));
    if (this.agent?.key === key) return this.agent.agent;
    const options = { keepAlive: true, keepAliveMsecs: KEEP_ALIVE_MS, scheduling: 'lifo' as const };
    const agent =
      this.server.protocol === 'http:'
        ? new HttpAgent(options)
        : new HttpsAgent({ ...options, ...withoutUndefined(tls), minVersion: 'TLSv1.2' });
    this.agent = { agent, key };
    return agent;
  }
}

// https.Agent treats `rejectUnauthorized: undefined` as set and false.
const withoutUndefined = (tls: TlsMaterial): TlsMaterial =>
  Object.fromEntries(Object.entries(tls).filter(([, value]) => value !== undefined));
