import express, { type ErrorRequestHandler, type Express, type Router } from 'express';
import { IncomingMessage, ServerResponse } from 'node:http';
import type { Server } from 'node:https';
import type { Registry } from 'prom-client';
import { createTlsServer } from '../kube/http-server/server.js';
import type { ServerLimits } from '../kube/http-server/limits.js';
import { failureStatus } from '../api/status.js';
import { admissionRouter, type AdmissionDependencies } from './admission/routes.js';
import type { ApiServerCallers } from './admission/api-server-callers.js';
import { MAX_BODY_BYTES } from './admission/body.js';
import { MOST_STREAMS } from './subresources/stream-limit.js';

/** PEM texts. */
export interface ServingCredentials {
  readonly cert: string;
  readonly key: string;
}

export interface Health {
  /** Why the server must get no requests now; undefined: it may. */
  readonly notReady: () => string | undefined;
}

export interface ServerParts {
  readonly admission: AdmissionDependencies;
  /** Distinguishes the API server's requests from others'. Absent in stand-alone mode, as the next two. */
  readonly callers?: ApiServerCallers | undefined;
  /** Evictions of pods. */
  readonly evictions?: Router | undefined;
  /** What agents report of their nodes. */
  readonly nodeReports?: Router | undefined;
  /** The admission of instance types and preferences. */
  readonly instancetypes?: Router | undefined;
  /** The admission of policies and exceptions. */
  readonly policies?: Router | undefined;
  /** The aggregated API. */
  readonly subresources?: Router | undefined;
  readonly tls: ServingCredentials;
  readonly health: Health;
  readonly registry: Registry;
}

/** What a webhook needs more of than a server for health. */
export const LIMITS = {
  // API servers and their front proxies need a few dozen; each costs some 40 KiB.
  connections: 2048,
  // Without a limit for each address one pod could hold all connections there are, and nobody's VM would be admitted.
  // Of an API server's they are all streams of a replica, and as many again.
  connectionsOfAddress: 2 * MOST_STREAMS.ofReplica,
  bodyBytes: MAX_BODY_BYTES,
  // Longer than the API server's own 90 s of idle connections would leave the closing to us, and race.
  keepAliveMs: 90_000,
} satisfies Partial<ServerLimits>;

/** Express' own answer is HTML with a stack; clients of Kubernetes expect a Status. */
const asStatus =
  (parts: ServerParts): ErrorRequestHandler =>
  (error: unknown, _request, response, next) => {
    parts.admission.logger.error({ error }, 'request failed');
    if (response.headersSent) {
      next(error);
      return;
    }
    response
      .status(500)
      .json(failureStatus('InternalError', 'the request failed here; the log of virt-webhook says why'));
  };

/** Health, metrics, admission and, where given, the aggregated API. */
const createApp = (parts: ServerParts): Express => {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  // First, because Express tries one route after the other, and of a thousand requests all but a few are these.
  app.use(admissionRouter(parts.admission));
  app.get('/healthz', (_request, response) => {
    response.type('text/plain').send('ok\n');
  });
  app.get('/readyz', (_request, response) => {
    const reason = parts.health.notReady();
    response
      .status(reason === undefined ? 200 : 503)
      .type('text/plain')
      .send(`${reason ?? 'ok'}\n`);
  });
  app.get('/metrics', async (_request, response) => {
    response.set('content-type', parts.registry.contentType).send(await parts.registry.metrics());
  });
  if (parts.evictions) app.use(parts.evictions);
  if (parts.nodeReports) app.use(parts.nodeReports);
  if (parts.instancetypes) app.use(parts.instancetypes);
  if (parts.policies) app.use(parts.policies);
  if (parts.subresources) app.use(parts.subresources);
  app.use((request, response) => {
    response.status(404).json(failureStatus('NotFound', `there is no ${request.method} ${request.path} here`));
  });
  app.use(asStatus(parts));
  return app;
};

/**
 * Express changes the prototype of each request and response that comes by, after which V8 has no fast way left for
 * either: that took 90 µs a request, as much as everything else. So both are made with the prototypes that Express
 * wants, and its change changes nothing.
 */
const messagesOf = (app: Express) => {
  class Incoming extends IncomingMessage {}
  class Outgoing<Request extends IncomingMessage> extends ServerResponse<Request> {}
  Object.setPrototypeOf(Incoming.prototype, app.request);
  Object.setPrototypeOf(Outgoing.prototype, app.response);
  Object.assign(app, { request: Incoming.prototype, response: Outgoing.prototype });
  return { IncomingMessage: Incoming, ServerResponse: Outgoing };
};

/**
 * TLS settings for a certificate and the CA of the front proxy. Where that is not known yet, or there is none, no CA is
 * trusted: without a list Node would trust every public CA, and anybody's certificate would pass as verified.
 */
export const secureContextOf = ({ cert, key }: ServingCredentials, clientCa?: string) => ({
  cert,
  key,
  ca: clientCa === undefined ? [] : [clientCa],
  minVersion: 'TLSv1.2' as const,
});

/** The HTTPS server; it does not listen yet. New certificates or CAs: `server.setSecureContext(secureContextOf(…))`. */
export const createServer = (parts: ServerParts): Server => {
  const app = createApp(parts);
  return createTlsServer({
    handler: (request, response) => {
      parts.callers?.receive(request);
      app(request, response);
    },
    limits: LIMITS,
    log: parts.admission.logger,
    messages: messagesOf(app),
    tls: {
      ...secureContextOf(parts.tls),
      // The front proxy of the aggregated API shows a certificate; the API server's webhook client need not.
      requestCert: true,
      rejectUnauthorized: false,
    },
  });
};
