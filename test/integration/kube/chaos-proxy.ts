import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { request } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import type { TestApiServer } from '../support/api-server.js';

/**
 * Stands between a client and the API server and does what networks do. Plain HTTP, with the administrator's
 * credentials.
 */
export class ChaosProxy {
  private readonly sockets = new Set<Socket>();
  private readonly watches = new Set<ServerResponse>();
  private muted = new Set<ServerResponse>();
  private busy = 0;
  private deaf = false;
  private server: Server;
  requests: string[] = [];

  private constructor(private readonly api: TestApiServer) {
    this.server = createServer((incoming, outgoing) => this.forward(incoming, outgoing));
    this.server.on('connection', (socket) => {
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
    });
  }

  static async start(api: TestApiServer): Promise<ChaosProxy> {
    const proxy = new ChaosProxy(api);
    await new Promise<void>((resolve) => proxy.server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Every open watch hears nothing more and is told nothing: the other end of the connection has vanished. */
  halfOpen(): void {
    for (const watch of this.watches) this.muted.add(watch);
  }

  /** New requests are taken and never answered. */
  setDeaf(deaf: boolean): void {
    this.deaf = deaf;
  }

  garbage(text = '{"type":"ADDED","object":{"met\n'): void {
    for (const watch of this.watches) watch.write(text);
  }

  /** Half of an event, then the connection is gone. */
  cut(): void {
    for (const watch of this.watches) watch.write('{"type":"MODIF');
    for (const socket of this.sockets) socket.destroy();
  }

  /** The next requests are answered with 429 and Retry-After: 1. */
  tooMany(count: number): void {
    this.busy = count;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private forward(incoming: IncomingMessage, outgoing: ServerResponse): void {
    this.requests.push(`${incoming.method} ${incoming.url}`);
    if (this.deaf) return;
    if (this.busy > 0) {
      this.busy -= 1;
      outgoing.writeHead(429, { 'retry-after': '1' }).end('too many');
      return;
    }
    const file = (name: string): Buffer => readFileSync(join(this.api.directory, name));
    const upstream = request(
      `${this.api.url}${incoming.url}`,
      {
        method: incoming.method,
        headers: incoming.headers,
        ca: file('ca.crt'),
        cert: file('admin.crt'),
        key: file('admin.key'),
      },
      (response) => {
        outgoing.writeHead(response.statusCode ?? 500, response.headers);
        if (incoming.url?.includes('watch=true')) this.watches.add(outgoing);
        response.on('data', (chunk: Buffer) => {
          if (!this.muted.has(outgoing)) outgoing.write(chunk);
        });
        response.on('end', () => {
          if (!this.muted.has(outgoing)) outgoing.end();
        });
        response.on('error', () => outgoing.destroy());
      },
    );
    upstream.on('error', () => outgoing.destroy());
    outgoing.on('close', () => {
      this.watches.delete(outgoing);
      upstream.destroy();
    });
    incoming.pipe(upstream);
  }
}
