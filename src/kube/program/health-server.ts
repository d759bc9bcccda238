import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Registry } from 'prom-client';
import { systemClock } from '../clock.js';
import { closeServer } from '../http-server/close.js';
import { listen, parseListen } from '../http-server/listen.js';
import { requestPath } from '../http-server/request-path.js';
import { createPlainServer } from '../http-server/server.js';
import type { Log } from './log.js';

export interface HealthServerOptions {
  /** `host:port`, `:port` for all addresses; port 0 takes a free one. */
  listen: string;
  log: Log;
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
    this.server = createPlainServer({ log: options.log, handler: (...of) => this.handle(...of) });
  }

  /** Resolves with the port. @throws when `listen` is not usable. */
  start(): Promise<number> {
    return listen(this.server, parseListen(this.options.listen));
  }

  /** Does not wait for answers: a client sees from the closed port as well that the program ends. */
  async stop(): Promise<void> {
    await closeServer(this.server, systemClock, 0);
  }

  private async handle({ method, url }: IncomingMessage, response: ServerResponse): Promise<void> {
    const { code, type, body } = method === 'GET' ? await this.answer(url) : text(405, 'only GET is possible');
    response.writeHead(code, { 'content-type': type }).end(body);
  }

  private async answer(target: string | undefined): Promise<Answer> {
    const { healthy, notReady, isLeader, registry } = this.options;
    const path = requestPath(target);
    if (path === '/healthz') return healthy?.() === false ? text(500, 'not healthy') : text(200, 'ok');
    if (path === '/readyz') {
      const reason = notReady?.();
      return reason === undefined ? text(200, 'ok') : text(503, reason);
    }
    // Always 200: a standby is ready too.
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
