import { shippedSource } from '../../instancetypes/shipped/index.js';
import express, { type Request, type Response, type Router } from 'express';
import type { Logger } from 'pino';
import { permissionsOf } from '../../admission/permissions/index.js';
import type { AdmissionContext, AdmissionRequest } from '../../admission/types.js';
import type { PolicyJudge } from '../policies/policy-judge.js';
import { allowed, audited, denied, errored, patched, type AdmissionReview } from './answers.js';
import { BodyError, readJson } from './body.js';
import type { AdmissionMetrics, Phase } from '../metrics.js';
import { outcomeOf, outcomeWith, type Outcome } from './outcome.js';
import { decodeReview, ReviewError, type ReviewRequest } from './review.js';
import type { CheckRights } from './rights.js';

export interface AdmissionDependencies {
  /** The settings of this moment: each request asks, so that a change of the KubeVirt object needs no restart. */
  readonly context: () => AdmissionContext;
  /** Asks what the user of a request may do besides. Absent in stand-alone mode: there is nobody to ask. */
  readonly checkRights?: CheckRights;
  /**
   * Whether a request comes from the API server. No other caller gets a record signed or a permission checked: either
   * would disclose, or grant, what the caller has no permission for. Absent: every caller that reaches the port is
   * trusted.
   */
  readonly isFromApiServer?: (request: Request) => boolean;
  /** The policies of the cluster. Absent in stand-alone mode. */
  readonly policies?: Pick<PolicyJudge, 'judge'>;
  /** Waits a little until what a VM names is known. Absent: there is nothing to wait for. */
  readonly settle?: (request: AdmissionRequest) => Promise<void>;
  readonly metrics: AdmissionMetrics;
  readonly logger: Logger;
}

/**
 * What admission decides on; undefined for what it does not decide on (deletions, and sub-resources other than
 * /status).
 */
const admissionRequest = (review: ReviewRequest): AdmissionRequest | undefined => {
  const { kind, operation, object, oldObject, namespace, username, userUid: uid, groups, extra, subResource } = review;
  if (operation === 'DELETE' || operation === 'CONNECT') return undefined;
  if (subResource !== '' && subResource !== 'status') return undefined;
  const user = username === undefined ? undefined : { username, uid, groups, extra };
  return { kind, operation, object, oldObject, namespace, user, ...(subResource === '' ? {} : { subResource }) };
};

const answered = ({ uid }: ReviewRequest, { causes, warnings, patch }: Outcome): AdmissionReview => {
  if (causes.length > 0) return denied(uid, causes);
  return patched(uid, patch, warnings);
};

/** The answer to a request without policies; what the routes do after they have read it. */
export const decide = (phase: Phase, review: ReviewRequest, context: AdmissionContext): AdmissionReview => {
  const request = admissionRequest(review);
  return request === undefined ? allowed(review.uid) : answered(review, outcomeOf(phase, request, context));
};

const STRANGER: CheckRights = (permissions) =>
  Promise.resolve(
    permissions.map(({ field, uses }) => ({
      type: 'FieldValueForbidden' as const,
      field,
      message: `uses ${uses}, about which only the API server may ask: correct the path in the webhook configuration`,
      rule: 'access.not-asked',
    })),
  );

interface Trust {
  readonly context: AdmissionContext;
  readonly checkRights: CheckRights | undefined;
  readonly policies: Pick<PolicyJudge, 'judge'> | undefined;
  readonly settle: AdmissionDependencies['settle'];
  readonly isTrusted: boolean;
}

/** What rights are asked with, and the context without what only the API server gets. */
const trust = (request: Request, dependencies: AdmissionDependencies): Trust => {
  const { context, checkRights, isFromApiServer, policies, settle } = dependencies;
  if (isFromApiServer === undefined || isFromApiServer(request)) {
    return { context: context(), checkRights, policies, settle, isTrusted: true };
  }
  const { recordRequester, ...rest } = context();
  const signsNothing = recordRequester === undefined ? {} : { recordRequester: () => undefined };
  const strangers = { checkRights: checkRights && STRANGER, policies, settle: undefined, isTrusted: false };
  // What the cluster has is nobody's to read here: of instance types only what everybody knows.
  return { context: { ...rest, ...signsNothing, instancetypes: shippedSource }, ...strangers };
};

/**
 * {@link decide}, and then what the user may do besides. Nothing is asked for what is refused already, or needs
 * nothing.
 */
const decideWithRights = async (
  phase: Phase,
  review: ReviewRequest,
  { context, checkRights, policies, settle, isTrusted }: Trust,
): Promise<AdmissionReview> => {
  const request = admissionRequest(review);
  if (request === undefined) return allowed(review.uid);
  // The second phase follows at once.
  if (phase === 'mutate') await settle?.(request);
  const own = outcomeOf(phase, request, context);
  const said =
    own.judged &&
    (await policies?.judge({ request: own.judged, review, own: { causes: own.causes, context }, isTrusted }));
  const outcome = said === undefined ? own : outcomeWith(own, said);
  const answer = audited(answered(review, outcome), said?.auditAnnotations ?? NONE);
  if (phase !== 'validate' || checkRights === undefined || !answer.response.allowed) return answer;
  const permissions = permissionsOf(request, context);
  if (permissions.length === 0) return answer;
  const causes = await checkRights(permissions, request.user);
  return causes.length === 0 ? answer : denied(review.uid, causes);
};

const NONE = {};

interface Answer {
  readonly status: number;
  readonly review: AdmissionReview;
}

/** Every error is an AdmissionReview too: the API server shows its message to the user. */
const failure = (error: unknown, uid: string, logger: Logger): Answer => {
  if (error instanceof BodyError) return { status: error.status, review: errored(uid, error.status, error.message) };
  if (error instanceof ReviewError) return { status: 200, review: errored(error.uid, 400, error.message) };
  logger.error({ error, uid }, 'admission failed');
  const message = 'admission failed because of a defect of virt-webhook; its log has the details under this uid';
  return { status: 200, review: errored(uid, 500, `${message}: ${uid}`) };
};

const UNKNOWN = { kind: 'unknown', operation: 'unknown' } as const;

const handle = async (phase: Phase, request: Request, dependencies: AdmissionDependencies): Promise<Answer> => {
  const { metrics, logger } = dependencies;
  const started = performance.now();
  let review: ReviewRequest | undefined;
  let answer: Answer;
  try {
    review = decodeReview(await readJson(request));
    answer = { status: 200, review: await decideWithRights(phase, review, trust(request, dependencies)) };
  } catch (error) {
    answer = failure(error, review?.uid ?? '', logger);
  }
  const seconds = (performance.now() - started) / 1000;
  const { kind, operation } = review ?? UNKNOWN;
  const { allowed } = answer.review.response;
  metrics.answered({ phase, kind, operation, allowed, seconds });
  // Asked first, because putting the fields together for nobody costs too.
  if (logger.isLevelEnabled('debug')) {
    logger.debug({ phase, kind, operation, uid: review?.uid, allowed, seconds }, 'admission answered');
  }
  return answer;
};

/** `POST /mutate` and `POST /validate`: every kind on both. */
export const admissionRouter = (dependencies: AdmissionDependencies): Router => {
  const router = express.Router();
  const serve = (phase: Phase) => async (request: Request, response: Response) => {
    const { status, review } = await handle(phase, request, dependencies);
    // What is left of a body that was refused unread would be taken for the next request.
    if (!request.readableEnded) response.setHeader('connection', 'close');
    // Not response.json(): it makes a buffer of the text, which is then written apart from the headers, in a system
    // call and a TLS record of its own. That took a quarter of the whole.
    const text = JSON.stringify(review);
    response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
    response.end(text);
  };
  router.post('/mutate', serve('mutate'));
  router.post('/validate', serve('validate'));
  return router;
};
