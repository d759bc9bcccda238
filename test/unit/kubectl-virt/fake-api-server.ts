import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: unknown;
}

export interface Answer {
  readonly code: number;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

export interface FakeApiServer {
  readonly url: string;
  readonly seen: SeenRequest[];
  /** Flags that lead the plugin here. */
  readonly flags: string[];
  readonly close: () => Promise<void>;
}

export const status = (code: number, reason: string, message: string): Answer => ({
  code,
  body: { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason, message, code },
});

export interface Handlers {
  /** `silence`: the request is never answered. */
  readonly answer?: (request: SeenRequest) => Answer | 'silence';
  /** For an upgrade: an error answer, or what to do with the WebSocket. */
  readonly upgrade?: (request: SeenRequest) => Answer | ((socket: WebSocket) => void);
}

/** Kubernetes' API server as far as the plugin talks to it, over plain HTTP on loopback. */
export const fakeApiServer = async ({ answer, upgrade }: Handlers): Promise<FakeApiServer> => {
  const seen: SeenRequest[] = [];
  const see = (request: IncomingMessage, text: string): SeenRequest => {
    const { method = '', url = '', headers } = request;
    const body: unknown = text === '' ? undefined : JSON.parse(text);
    const one = { method, path: url, headers, body };
    seen.push(one);
    return one;
  };
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      const what = answer?.(see(request, text)) ?? { code: 404 };
      if (what === 'silence') return;
      const { code, body, headers }: Answer = what;
      response.writeHead(code, { 'Content-Type': 'application/json', ...headers });
      response.end(
        body === undefined ? '' : typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body),
      );
    });
  });
  const sockets = new WebSocketServer({ noServer: true, handleProtocols: ([first]) => first ?? false });
  server.on('upgrade', (request, socket, head) => {
    const what = upgrade?.(see(request, '')) ?? { code: 404 };
    if (typeof what === 'function') {
      sockets.handleUpgrade(request, socket, head, what);
      return;
    }
    const body = JSON.stringify(what.body ?? '');
    socket.end(
      `HTTP/1.1 ${what.code} x\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    seen,
    flags: ['--server', url],
    close: () =>
      new Promise((resolve) => {
        for (const client of sockets.clients) client.terminate();
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
};
