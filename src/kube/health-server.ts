import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';

export interface HealthServerOptions {
  /** `host:port`, `:port` for all addresses; port 0 takes a free one. */
  listen: string;
  /** The process works; false lets kubelet restart it. */
  healthy?: () => boolean;
  /** Why it is not ready, or undefined. */
  notReady?: () => string | undefined;
  isLeader?: () => boolean;
  registry?: Registry;
}

interface Answer {
  code: number;
  type: string;
  body: string;
}

const text = (code: number, body: string): Answer => ({ code, type: 'text/plain; charset=utf-8', body: `${body}\n` });

/** `/healthz`, `/readyz`, `/leader` and `/metrics` over plain HTTP. */
export class HealthServer {
  private readonly server: Server;

  constructor(private readonly options: HealthServerOptions) {
    this.server = createServer((request, response) => {
      void this.handle(request, response);
    });
    this.server.headersTimeout = 10_000;
    this.server.requestTimeout = 10_000;
  }

  /** Resolves with the port. @throws when `listen` is not usable. */
  start(): Promise<number> {
    const { host, port } = parseListen(this.options.listen);
    return new Promise((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, host, () => {
        resolve((this.server.address() as AddressInfo).port);
      });
    });
  }

  stop(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((resolve) => {
      this.server.close(() => {
        resolve();
      });
    });
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? '/', 'http://health').pathname;
    let answer: Answer;
    try {
      answer = request.method === 'GET' ? await this.answer(path) : text(405, 'only GET is possible');
    } catch (error) {
      answer = text(500, error instanceof Error ? error.message : 'failed');
    }
    response.writeHead(answer.code, { 'content-type': answer.type }).end(answer.body);
  }

  private async answer(path: string): Promise<Answer> {
    const { healthy, notReady, isLeader, registry } = this.options;
    if (path === '/healthz') return healthy?.() === false ? text(500, 'not healthy') : text(200, 'ok');
    if (path === '/readyz') {
      const reason = notReady?.();
      return reason === undefined ? text(200, 'ok') : text(503, reason);
    }
    // Always 200: a standby is ready too (spec/control.md §6.3).
    if (path === '/leader' && isLeader) {
      const body = JSON.stringify({ apiserver: { leader: String(isLeader()) } });
      return { code: 200, type: 'application/json', body };
    }
    if (path === '/metrics' && registry) {
      return { code: 200, type: registry.contentType, body: await registry.metrics() };
    }
    return text(404, 'there are /healthz, /readyz, /leader and /metrics');
  }
}

/** `127.0.0.1:8080`, `[::1]:8080`, `:8080`, `8080`. @throws Error with the value and the form it should have. */
export const parseListen = (listen: string): { host: string | undefined; port: number } => {
  const match = /^(?:(.*):)?(\d{1,5})$/.exec(listen);
  const port = Number(match?.[2]);
  if (!match || port > 65_535)
    throw new Error(`listen address "${listen}": write HOST:PORT or :PORT, port up to 65535.`);
  const host = (match[1] ?? '').replace(/^\[|\]$/g, '');
  return { host: host === '' ? undefined : host, port };
};
