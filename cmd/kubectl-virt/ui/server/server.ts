import { randomBytes } from 'node:crypto';
import type { IncomingMessage, Server as HttpServer, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { readStreamQuery } from '../../../../src/agent-api/stream-query.js';
import { failureStatus } from '../../../../src/api/status.js';
import type { KubeClient } from '../../../../src/kube/client/client.js';
import { requestPath } from '../../../../src/kube/http-server/request-path.js';
import { createPlainServer } from '../../../../src/kube/http-server/server.js';
import { onUpgrade } from '../../../../src/kube/http-server/upgrade.js';
import { silentLog } from '../../../../src/kube/program/log.js';
import type { ApiClient } from '../../client/client.js';
import { CliError, isCliError, messageOf } from '../../errors.js';
import { LOOK_ON, PATHS, type Refusal, type Scope } from '../shared/protocol.js';
import type { Access } from './access.js';
import { type Asset, INDEX, NONCE } from './assets.js';
import { CALLS } from './calls.js';
import type { Editor } from './editor.js';
import type { Fleet } from './fleet.js';
import { securityHeaders } from './headers.js';
import { serveLive } from './live.js';
import { placeOf } from './place.js';
import { pageSockets, relayStream } from './streams.js';

/** A manifest, as JSON, twice. */
const MOST_BODY = 2 * 1024 * 1024;

export interface PageSources {
  readonly access: () => Access;
  readonly assets: ReadonlyMap<string, Asset>;
  readonly kube: KubeClient;
  readonly client: ApiClient;
  readonly fleet: Fleet;
  readonly editor: Editor;
  readonly scope: Scope;
}

const answer = (
  request: IncomingMessage,
  response: ServerResponse,
  code: number,
  { type, content }: Asset,
  headers: Record<string, string> = {},
): void => {
  const nonce = randomBytes(16).toString('base64');
  const isIndex = type.startsWith('text/html');
  const body = isIndex ? Buffer.from(content.toString('utf8').replaceAll(NONCE, nonce)) : content;
  response.writeHead(code, {
    ...securityHeaders(nonce, request.headers.host ?? ''),
    'content-type': type,
    'content-length': body.byteLength,
    ...headers,
  });
  response.end(request.method === 'HEAD' ? undefined : body);
};

const plain = (text: string): Asset => ({ type: 'text/plain; charset=utf-8', content: Buffer.from(`${text}\n`) });
const NOTHING = plain('There is nothing here.');
const json = (value: object): Asset => ({ type: 'application/json', content: Buffer.from(JSON.stringify(value)) });

const refusalOf = (error: unknown): Refusal => ({
  message: messageOf(error),
  ...(isCliError(error) && error.remedy !== undefined ? { remedy: error.remedy } : {}),
});

const readBody = async (request: IncomingMessage): Promise<Record<string, unknown>> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength;
    if (bytes > MOST_BODY) throw new CliError('the request is too long');
    chunks.push(chunk);
  }
  const value: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
  if (typeof value !== 'object' || value === null) throw new CliError('the request is no object');
  return value as Record<string, unknown>;
};

/**
 * What the link leads to. A page of its own that goes on to the real one: a redirection would still count as begun by
 * whoever opened the link, and a browser would send no SameSite=Strict cookie with it.
 */
const entrance = (page: string): Asset => ({
  type: 'text/html; charset=utf-8',
  content: Buffer.from(
    `<!doctype html><html lang="en"><head><title>kubectl virt</title><link rel="icon" href="data:,"><meta http-equiv="refresh" content="0; url=${page}"></head></html>`,
  ),
});

export interface PageServer {
  readonly http: HttpServer;
  /** Ends it with all that is open. */
  readonly stop: () => void;
}

/** One server: the page's files, the calls, the live list and the streams of guests. */
export const pageServer = (sources: PageSources): PageServer => {
  const sockets = pageSockets();

  const enter = (request: IncomingMessage, response: ServerResponse): void => {
    const token = new URL(request.url ?? '/', 'http://x').searchParams.get('token') ?? '';
    const access = sources.access();
    const cookie = access.isOwnHost(request) ? access.exchange(token) : undefined;
    if (cookie === undefined)
      answer(request, response, 403, plain('This link has been used. Run kubectl virt ui again.'));
    else answer(request, response, 200, entrance(access.root + access.fragment), { 'set-cookie': cookie });
  };

  const call = async (name: string, request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const run = CALLS.get(name);
    if (run === undefined || request.headers['content-type'] !== 'application/json') {
      answer(request, response, 404, plain('There is no such call.'));
      return;
    }
    try {
      answer(request, response, 200, json(await run(sources, await readBody(request))));
    } catch (error) {
      answer(request, response, 400, json(refusalOf(error)));
    }
  };

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = requestPath(request.url);
    const { method } = request;
    const reads = method === 'GET' || method === 'HEAD';
    const { root } = sources.access();
    const isBelow = path?.startsWith(root) === true;
    if (path === '/' && method === 'GET') enter(request, response);
    else if (!isBelow) answer(request, response, 404, NOTHING);
    else {
      const verdict = sources.access().check(request, !reads);
      const name = path.slice(root.length);
      const asset = reads ? sources.assets.get(name === '' ? INDEX : name) : undefined;
      if (!verdict.allowed) answer(request, response, 403, plain(`Refused: ${verdict.why}.`));
      else if (method === 'POST') await call(name, request, response);
      else if (asset === undefined) answer(request, response, 404, NOTHING);
      else answer(request, response, 200, asset);
    }
  };

  const upgrade = async (request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> => {
    const path = requestPath(request.url) ?? '';
    const { root } = sources.access();
    const verdict = sources.access().check(request, true);
    if (!path.startsWith(root) || !verdict.allowed)
      throw new CliError(verdict.allowed ? 'there is nothing here' : verdict.why);
    const [name, namespace, vm, ...more] = path.slice(root.length).split('/');
    if (name === PATHS.live && namespace === undefined) {
      sockets.handleUpgrade(request, socket, head, (page) =>
        serveLive(page, sources.kube, sources.fleet, sources.scope),
      );
      return;
    }
    if ((name !== PATHS.console && name !== PATHS.screen) || more.length > 0)
      throw new CliError('there is nothing here');
    const place = placeOf({ namespace, name: vm });
    const stream = name === PATHS.screen ? 'vnc' : 'console';
    const { [LOOK_ON]: looksOn = false } = readStreamQuery(request.url, stream === 'vnc' ? [LOOK_ON] : []);
    await relayStream(sockets, sources.client, { place, stream, looksOn }, [request, socket, head]);
  };

  const server = createPlainServer({
    handler: handle,
    log: silentLog,
    // A browser has a socket for each of its pages and streams, all from one address.
    limits: { bodyBytes: MOST_BODY, connectionsOfAddress: 256 },
  });
  onUpgrade(server, upgrade, {
    log: silentLog,
    statusOf: (error) => failureStatus('Forbidden', messageOf(error)),
  });
  return {
    http: server,
    stop: () => {
      server.close();
      server.closeAllConnections();
      for (const socket of sockets.clients) socket.terminate();
    },
  };
};
