import { once } from 'node:events';
import { createReadStream, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

export interface Behaviour {
  /** Cuts the connection after this many bytes of a body, this many times in all. */
  cut?: { after: number; times: number };
  /** Does not know of ranges. */
  noRanges?: boolean;
  /** Announces this many bytes more (or fewer) than there are. */
  lie?: number;
  /** `user:password` that is asked for. */
  credentials?: string;
  /** Answers with this status. */
  status?: number;
  /** Redirects to itself for ever. */
  loop?: boolean;
  location?: string;
  etag?: string;
  /** Bytes a second. */
  slow?: number;
  /** Sends no more than so many bytes of an answer before the promise is settled. */
  pause?: { after: number; until: Promise<void> };
}

/** An HTTP server of one file, as good or bad as told. */
export class ImageServer {
  readonly requests: { range: string | undefined; sent: number }[] = [];
  behaviour: Behaviour = {};
  private readonly server: Server;

  constructor(
    private file: string,
    tls?: { cert: string; key: string },
  ) {
    const handler = (request: IncomingMessage, response: ServerResponse): void => this.answer(request, response);
    this.server = tls ? createTlsServer(tls, handler) : createServer(handler);
  }

  async start(address = '127.0.0.1'): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, address, resolve));
    const { port } = this.server.address() as AddressInfo;
    return `${address}:${port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  serve(file: string, behaviour: Behaviour = {}): void {
    this.file = file;
    this.behaviour = behaviour;
    this.requests.length = 0;
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const { credentials, status, loop, location, noRanges, lie = 0, etag } = this.behaviour;
    response.on('error', () => undefined);
    const basic = `Basic ${Buffer.from(credentials ?? '').toString('base64')}`;
    const refused = credentials !== undefined && request.headers.authorization !== basic ? 401 : status;
    if (refused !== undefined) return void response.writeHead(refused).end('no');
    if (loop) return void response.writeHead(302, { location: '/again' }).end();
    if (location !== undefined) return void response.writeHead(302, { location }).end();
    const { size, mtime } = statSync(this.file);
    const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
    const from = first === undefined || noRanges ? 0 : Number(first);
    if (from >= size) return void response.writeHead(416).end();
    const to = last === undefined || last === '' || noRanges ? size - 1 : Math.min(Number(last), size - 1);
    const ranged = first !== undefined && !noRanges;
    response.writeHead(ranged ? 206 : 200, {
      'content-length': to - from + 1 + (to === size - 1 ? lie : 0),
      'last-modified': mtime.toUTCString(),
      ...(etag === undefined ? {} : { etag }),
      ...(ranged ? { 'content-range': `bytes ${from}-${to}/${size + lie}` } : {}),
    });
    void this.send(response, from, to, { range: request.headers.range, sent: 0 });
  }

  private async send(
    response: ServerResponse,
    from: number,
    to: number,
    entry: { range: string | undefined; sent: number },
  ): Promise<void> {
    this.requests.push(entry);
    const { cut, slow, pause } = this.behaviour;
    const closed = new Promise((resolve) => response.once('close', resolve));
    // A look at the first bytes is not what is cut.
    const cutAt = cut && cut.times > 0 && to - from > 100 ? cut.after : Number.POSITIVE_INFINITY;
    if (cut && Number.isFinite(cutAt)) cut.times -= 1;
    for await (const chunk of createReadStream(this.file, { start: from, end: to, highWaterMark: 1 << 18 })) {
      if (response.destroyed) return;
      const part = (chunk as Buffer).subarray(0, Math.max(0, cutAt - entry.sent));
      if (!response.write(part)) {
        await Promise.race([once(response, 'drain'), closed]);
      }
      entry.sent += part.length;
      if (entry.sent >= cutAt) return void setTimeout(() => response.destroy(), 50);
      if (pause !== undefined && entry.sent >= pause.after) await Promise.race([pause.until, closed]);
      if (slow !== undefined) await new Promise((resolve) => setTimeout(resolve, (part.length / slow) * 1000));
    }
    // One that announced more than it has hangs up.
    if ((this.behaviour.lie ?? 0) > 0 && to - from > 100) response.destroy();
    else response.end();
  }
}
