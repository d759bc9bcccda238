import express, { type Request, type Response, type Router } from 'express';
import type { Logger } from 'pino';
import { checkInstancetype, type InstancetypeRequest } from '../../admission/instancetype-object.js';
import { renderWarning } from '../../admission/warnings/index.js';
import { INSTANCETYPE_GROUP, INSTANCETYPE_KINDS } from '../../api/instancetype/instancetype-kinds.js';
import { recordOf } from '../../api/record.js';
import { allowed, denied, errored, type AdmissionReview } from '../admission/answers.js';
import { BodyError, readJson } from '../admission/body.js';
import { openReview, ReviewError, text } from '../admission/review.js';
import type { AdmissionMetrics } from '../metrics.js';

/* The admission of instance types and preferences themselves. It tells nothing that is not in the request. */

export interface InstancetypeAdmissionDependencies {
  readonly metrics: AdmissionMetrics;
  readonly logger: Logger;
}

interface InstancetypeReview extends InstancetypeRequest {
  readonly uid: string;
  readonly operation: string;
}

/** @throws BodyError when it is no AdmissionReview, ReviewError when it is about something else */
const decode = (body: unknown): InstancetypeReview => {
  const { uid, request } = openReview(body);
  const { group, kind: named } = recordOf(request['kind']);
  const kind = group === INSTANCETYPE_GROUP ? INSTANCETYPE_KINDS.find((known) => known === named) : undefined;
  if (kind === undefined)
    throw new ReviewError(
      uid,
      `this path serves the kinds of ${INSTANCETYPE_GROUP}: correct the webhook configuration`,
    );
  const operation = text(request['operation']);
  return { uid, kind, operation, object: request['object'], oldObject: request['oldObject'] ?? undefined };
};

const answer = ({ uid, operation, ...request }: InstancetypeReview): AdmissionReview => {
  if (operation !== 'CREATE' && operation !== 'UPDATE') return allowed(uid);
  const { causes, warnings } = checkInstancetype(request);
  return causes.length > 0 ? denied(uid, causes) : allowed(uid, warnings.map(renderWarning));
};

const failure = (error: unknown, uid: string, logger: Logger): [status: number, review: AdmissionReview] => {
  if (error instanceof BodyError) return [error.status, errored(uid, error.status, error.message)];
  if (error instanceof ReviewError) return [200, errored(error.uid, 400, error.message)];
  logger.error({ error, uid }, 'admission of an instance type failed');
  return [200, errored(uid, 500, 'a defect of virt-webhook; its log has the details')];
};

const handle = async (
  request: Request,
  response: Response,
  { metrics, logger }: InstancetypeAdmissionDependencies,
): Promise<void> => {
  const started = performance.now();
  let review: InstancetypeReview | undefined;
  let status = 200;
  let body: AdmissionReview;
  try {
    review = decode(await readJson(request));
    body = answer(review);
  } catch (error) {
    [status, body] = failure(error, review?.uid ?? '', logger);
  }
  const { kind, operation } = review ?? { kind: 'unknown', operation: 'unknown' };
  const seconds = (performance.now() - started) / 1000;
  metrics.answered({ phase: 'validate', kind, operation, allowed: body.response.allowed, seconds });
  // What is left of a body that was refused unread would be taken for the next request.
  if (!request.readableEnded) response.setHeader('connection', 'close');
  response.status(status).json(body);
};

/** `POST /validate-instancetypes`. */
export const instancetypeRouter = (dependencies: InstancetypeAdmissionDependencies): Router => {
  const router = express.Router();
  router.post('/validate-instancetypes', (request, response) => handle(request, response, dependencies));
  return router;
};
