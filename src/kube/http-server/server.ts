import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server as HttpServer,
  type ServerOptions,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https';
import type { TlsOptions } from 'node:tls';
import type { Log } from '../program/log.js';
import { limitConnections, requestCounter } from './connections.js';
import { DEFAULT_LIMITS, type ServerLimits } from './limits.js';
import { codeOf, failureStatus, type StatusReason } from '../../api/status.js';

export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

export interface HttpServerOptions {
  readonly handler: RequestHandler;
  readonly log: Log;
  /** What differs from {@link DEFAULT_LIMITS}. */
  readonly limits?: Partial<ServerLimits>;
  /** Classes of the messages, for a framework that would change each of them otherwise. */
  readonly messages?: Pick<ServerOptions, 'IncomingMessage' | 'ServerResponse'>;
}

/** What of the limits Node wants to know when the server is made. */
const nodeOptions = (limits: ServerLimits) => ({
  maxHeaderSize: limits.headerBytes,
  // Node refuses one that is longer than the request's.
  headersTimeout: limits.requestMs,
  requestTimeout: limits.requestMs,
  connectionsCheckingInterval: limits.checkMs,
  keepAliveTimeout: limits.keepAliveMs,
});

/** Not as a client expects it, but an answer; its log says more. */
const fail = (error: unknown, response: ServerResponse, log: Log): void => {
  log.error({ error }, 'request failed');
  if (response.headersSent) response.destroy();
  else answerFailure(response, 'InternalError', 'the request failed here; the log of this program says why');
};

const answerFailure = (response: ServerResponse, reason: StatusReason, message: string): void => {
  const body = JSON.stringify(failureStatus(reason, message));
  // Nobody reads what is left of the request, and it must not be taken for the next one.
  response.writeHead(codeOf(reason), {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    connection: 'close',
  });
  response.end(body);
};

const bodyIsTooLarge = ({ headers }: IncomingMessage, bodyBytes: number): boolean =>
  Number(headers['content-length'] ?? 0) > bodyBytes || (bodyBytes === 0 && headers['transfer-encoding'] !== undefined);

/** The handler with everything around it that must hold for every request; nothing gets out of it. */
const guarded = (
  { handler, log }: HttpServerOptions,
  limits: ServerLimits,
): ((...of: Parameters<RequestHandler>) => void) => {
  const mayAsk = requestCounter(limits.requestsOfConnection);
  return (request, response) => {
    if (!mayAsk(request.socket, response)) return;
    try {
      if (bodyIsTooLarge(request, limits.bodyBytes)) {
        const message = `the body is larger than ${limits.bodyBytes} bytes`;
        answerFailure(response, 'RequestEntityTooLarge', message);
        return;
      }
      const handled = handler(request, response);
      if (handled instanceof Promise) handled.catch((error: unknown) => fail(error, response, log));
    } catch (error) {
      fail(error, response, log);
    }
  };
};

/**
 * What Node answers by itself and needs no listener: requests that cannot be parsed (400, 408, 413 and 431, then the
 * connection is closed), methods and expectations that it does not know, CONNECT (closed).
 */
const harden = (server: HttpServer, limits: ServerLimits, log: Log): void => {
  // By default Node drops in silence what is beyond 2000 headers, a user's groups for instance. Their bytes are
  // limited.
  server.maxHeadersCount = 0;
  server.timeout = limits.silenceMs;
  limitConnections(server, limits);
  // A connection that cannot be accepted (no descriptor left) is an error of the server, and one without a listener
  // ends the process. The caller that waits for it to listen gets the error as well.
  server.on('error', (error) => log.error({ error: error.message }, 'HTTP server failed'));
};

/** HTTP; it does not listen yet. */
export const createPlainServer = (options: HttpServerOptions): HttpServer => {
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const server = createHttpServer({ ...options.messages, ...nodeOptions(limits) }, guarded(options, limits));
  harden(server, limits, options.log);
  return server;
};

/** HTTPS, TLS 1.2 or newer; it does not listen yet. New certificates: `server.setSecureContext(…)`. */
export const createTlsServer = (options: HttpServerOptions & { readonly tls: TlsOptions }): HttpsServer => {
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const server = createHttpsServer(
    {
      minVersion: 'TLSv1.2',
      ...options.tls,
      ...options.messages,
      ...nodeOptions(limits),
      handshakeTimeout: limits.requestMs,
    },
    guarded(options, limits),
  );
  harden(server, limits, options.log);
  // A scan, a probe without TLS, a client without our certificate: the log shows what it was. Node closes the
  // connection.
  server.on('tlsClientError', (error) => options.log.debug({ error: error.message }, 'TLS client refused'));
  return server;
};
