import express, { type Request, type Response, type Router } from 'express';
import type { IncomingMessage } from 'node:http';
import type { Logger } from 'pino';
import { allowed, errored, tooManyRequests, type AdmissionReview } from '../admission/answers.js';
import { BodyError, readJson } from '../admission/body.js';
import type { AdmissionMetrics } from '../metrics.js';
import { ReviewError } from '../admission/review.js';
import { decideEviction } from './decision.js';
import type { EvictionStore } from './store.js';
import { decodeEviction, type EvictionRequest } from './review.js';

export interface EvictionDependencies {
  readonly store: EvictionStore;
  /** Whether the caller is the API server, and not some other client that can connect. */
  readonly fromApiServer: (request: IncomingMessage) => boolean;
  /** `configuration.evictionStrategy` as it is now. */
  readonly clusterStrategy: () => string;
  readonly metrics: AdmissionMetrics;
  readonly logger: Logger;
}

/** An API server's error may quote a whole object. */
const MAX_ERROR = 120;

const answer = async (
  request: EvictionRequest,
  callerKnown: boolean,
  dependencies: EvictionDependencies,
): Promise<AdmissionReview> => {
  const { store, clusterStrategy, logger } = dependencies;
  const { uid, namespace, name } = request;
  const settings = { callerKnown, cachesFilled: store.filled, clusterStrategy: clusterStrategy() };
  const decision = decideEviction(request, store.subject(namespace, name), settings);
  switch (decision.do) {
    case 'allow':
      return allowed(uid, decision.warning === undefined ? [] : [decision.warning]);
    case 'deny':
      return tooManyRequests(uid, decision.message);
    case 'mark': {
      const failure = await store.mark(decision);
      if (failure === undefined) return tooManyRequests(uid, decision.message);
      const vmi = `${decision.namespace}/${decision.name}`;
      logger.warn({ vmi, error: failure }, 'VMI not marked for evacuation');
      const short = failure.length > MAX_ERROR ? `${failure.slice(0, MAX_ERROR)}…` : failure;
      return tooManyRequests(uid, `VMI "${vmi}" could not be marked for evacuation, try again: ${short}`);
    }
  }
};

/**
 * What cannot be decided is answered with an HTTP error: the API server treats that like a webhook that is down, and
 * failurePolicy Ignore allows the eviction. A denial would stop drains of pods that are none of ours (ADR 9).
 */
const failure = (error: unknown, uid: string, logger: Logger): [status: number, review: AdmissionReview] => {
  if (error instanceof BodyError) return [error.status, errored(uid, error.status, error.message)];
  if (error instanceof ReviewError) return [400, errored(error.uid, 400, error.message)];
  logger.error({ error, uid }, 'eviction failed');
  return [500, errored(uid, 500, 'a defect of virt-webhook; its log has the details')];
};

const handle = async (request: Request, response: Response, dependencies: EvictionDependencies): Promise<void> => {
  const { metrics, logger } = dependencies;
  const started = process.hrtime.bigint();
  let uid = '';
  let status = 200;
  let review: AdmissionReview;
  try {
    const eviction = decodeEviction(await readJson(request));
    ({ uid } = eviction);
    review = await answer(eviction, dependencies.fromApiServer(request), dependencies);
    const { namespace, name } = eviction;
    if (!review.response.allowed)
      logger.info({ namespace, pod: name, uid, answer: review.response.status }, 'eviction refused');
  } catch (error) {
    [status, review] = failure(error, uid, logger);
  }
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  const labels = { phase: 'evict', kind: 'Eviction', operation: 'CREATE' } as const;
  metrics.answered({ ...labels, allowed: review.response.allowed, seconds });
  // What is left of a body that was refused unread would be taken for the next request.
  if (!request.readableEnded) response.set('connection', 'close');
  response.status(status).json(review);
};

/**
 * `POST /evict`: evictions of every pod of the cluster; those of pods that are not a VM's are allowed at once. `POST /`
 * is called by an API server whose registration has lost its path for a moment, as when an older manifest is applied:
 * the answer asks it to try again.
 */
export const evictionRouter = (dependencies: EvictionDependencies): Router => {
  const router = express.Router();
  router.post(['/evict', '/'], (request, response) => handle(request, response, dependencies));
  return router;
};
