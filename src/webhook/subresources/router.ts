import type { IncomingMessage } from 'node:http';
import { pipeline } from 'node:stream/promises';
import express, { type Request, type Response, type Router } from 'express';
import type { Logger } from 'pino';
import { boundedPicture, PICTURE_TYPE } from '../../agent-api/picture.js';
import { readStreamQuery } from '../../agent-api/stream-query.js';
import type { AgentEntry } from '../../agent-api/subresource.js';
import { EXPAND_RESOURCE, type Subresource } from '../../agent-api/subresources.js';
import type { VirtualMachine } from '../../api/schema/kinds.js';
import { readBody } from '../../kube/http-server/read-body.js';
import { requestPath } from '../../kube/http-server/request-path.js';
import { ApiUnavailable } from './api-unavailable.js';
import { authorize, authorizeFor } from './authorization.js';
import { discoveryDocuments, type BuildInfo } from './discovery.js';
import { authenticate, type RequestHeaderConfig, type UserInfo } from './front-proxy.js';
import type { AgentCredentials } from './agent-client.js';
import { actOnInstance, openPicture } from './instance-actions.js';
import { cancelEvacuation } from './evacuation.js';
import { expandedMachine, readMachine, type ExpansionContext } from './expansion.js';
import { changeState } from './lifecycle.js';
import {
  findSubresource,
  parseNamespacePath,
  parseRequestPath,
  type NamespaceTarget,
  type RequestTarget,
} from './request-path.js';
import { StatusError, badRequest, internalError, notFound } from '../../agent-api/status-error.js';
import type { ClusterStore } from './store.js';

/**
 * What the aggregated API is made of; the functions give what is in force now, since all of it may change at run time.
 */
export interface SubresourceDependencies {
  readonly store: ClusterStore;
  readonly requestHeaders: () => RequestHeaderConfig | undefined;
  readonly agentCredentials: () => AgentCredentials | undefined;
  /** What VMs are expanded by. */
  readonly expansion: () => ExpansionContext;
  readonly build: BuildInfo;
  readonly logger: Logger;
}

/** Options bodies are a few dozen bytes. */
const MAX_BODY_BYTES = 64 * 1024;

/** @throws StatusError */
const userOf = (dependencies: SubresourceDependencies, request: IncomingMessage): UserInfo => {
  const headers = dependencies.requestHeaders();
  if (headers === undefined) throw new ApiUnavailable('the API server’s front-proxy configuration is not read yet');
  return authenticate(request, headers);
};

/** Who asks for what, and that they may. @throws StatusError */
export const admitRequest = async (
  dependencies: SubresourceDependencies,
  request: IncomingMessage,
): Promise<{ target: RequestTarget; entry: Subresource; user: string }> => {
  const user = userOf(dependencies, request);
  const target = parseRequestPath(requestPath(request.url) ?? '');
  const entry = findSubresource(target, request.method ?? 'GET');
  await authorize(dependencies.store, user, target, entry);
  return { target, entry, user: user.username };
};

/** @throws StatusError 503 until the certificate for agents has been made */
export const credentialsOf = (dependencies: SubresourceDependencies): AgentCredentials => {
  const credentials = dependencies.agentCredentials();
  if (credentials === undefined) throw new ApiUnavailable('the certificate towards the agents is not made yet');
  return credentials;
};

/** Turns any error into a Status; what is not meant for the caller is only logged. */
export const toStatusError = (error: unknown, logger: Logger): StatusError => {
  if (error instanceof StatusError) return error;
  logger.error({ error }, 'subresource request failed');
  return internalError('the request failed here; the log of virt-webhook says why');
};

/** @throws StatusError 400 */
const bodyOf = async (request: IncomingMessage, most = MAX_BODY_BYTES): Promise<string> => {
  const body = await readBody(request, most);
  if (body === undefined) throw badRequest(`the body is over ${most} bytes; send options only`);
  return body;
};

/** Does not compile where a way of serving is left out below, and answers what has none all the same. */
const unanswered = (entry: never): never => {
  throw internalError(`nothing here answers ${JSON.stringify(entry)}`);
};

/** The one path that names no object. @throws StatusError */
const expandGiven = async (
  dependencies: SubresourceDependencies,
  request: Request,
  { version, namespace }: NamespaceTarget,
): Promise<VirtualMachine> => {
  if (request.method !== 'PUT') throw new StatusError('MethodNotAllowed', `${EXPAND_RESOURCE} takes PUT`);
  const attributes = { version, namespace, resource: EXPAND_RESOURCE, verb: 'update' };
  await authorizeFor(dependencies.store, userOf(dependencies, request), attributes);
  return expandedMachine(await readMachine(request), namespace, dependencies.expansion());
};

/** Aborts when the client has its answer, or waits for none any more. */
const givenUpWith = (response: Response): AbortSignal => {
  const controller = new AbortController();
  response.once('close', () => controller.abort());
  if (response.destroyed) controller.abort();
  return controller.signal;
};

const answer = async (dependencies: SubresourceDependencies, request: Request, response: Response): Promise<void> => {
  const given = parseNamespacePath(requestPath(request.url) ?? '');
  if (given !== undefined) {
    response.status(200).json(await expandGiven(dependencies, request, given));
    return;
  }
  const { target, entry, user } = await admitRequest(dependencies, request);
  const { store } = dependencies;
  const gone = givenUpWith(response);
  switch (entry.served) {
    case 'webhook':
      await changeState(store, target, entry.subresource, await bodyOf(request));
      response.status(202).end();
      return;
    case 'evacuation':
      await cancelEvacuation(store, target, await bodyOf(request));
      response.status(200).end();
      return;
    case 'agent': {
      const credentials = credentialsOf(dependencies);
      const { bodyBytes }: AgentEntry = entry;
      const body = await bodyOf(request, bodyBytes);
      const said = await actOnInstance(store, credentials, target, entry.subresource, { body, user, given: gone });
      if (said === undefined) response.status(200).end();
      else response.status(200).json(said);
      return;
    }
    case 'question': {
      const vm = await store.virtualMachine(target.namespace, target.name);
      if (vm === undefined) throw notFound('virtualmachines', target.name);
      response.status(200).json(expandedMachine(vm, target.namespace, dependencies.expansion()));
      return;
    }
    case 'picture': {
      const query = readStreamQuery(request.url, entry.query);
      const wish = { query, given: gone };
      const picture = await openPicture(store, credentialsOf(dependencies), target, entry.subresource, wish);
      response.status(200).type(PICTURE_TYPE);
      // Its head is sent: what goes wrong from here on ends the connection.
      await pipeline(boundedPicture(picture), response).catch(() => response.destroy());
      return;
    }
    case 'stream':
    case 'forward':
      throw badRequest(`a ${entry.subresource} is a WebSocket: send Connection: Upgrade, Upgrade: websocket`);
    default:
      unanswered(entry);
  }
};

/** Routes of `subresources.kubevirt.io` and its discovery documents, for the webhook's HTTPS server. */
export const subresourceRouter = (dependencies: SubresourceDependencies): Router => {
  const router = express.Router();
  for (const [path, document] of discoveryDocuments(dependencies.build)) {
    router.get(path, (_request, response) => {
      response.json(document);
    });
  }
  // By an expression without groups: Express decodes what a route names, and answers 500 to a malformed escape.
  router.all(/^\/apis\//, (request, response) => {
    response.setHeader('X-Content-Type-Options', 'nosniff');
    answer(dependencies, request, response).catch((error: unknown) => {
      const status = toStatusError(error, dependencies.logger).toStatus();
      response.status(status.code).json(status);
    });
  });
  return router;
};
