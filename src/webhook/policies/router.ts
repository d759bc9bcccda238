import { recordOf } from '../../api/record.js';
import express, { type Request, type Response, type Router } from 'express';
import type { Logger } from 'pino';
import type { EventRecorder } from '../../kube/events.js';
import type { KubernetesObject } from '../../kube/types.js';
import type { PolicyCause } from '../../policies/compile-policy.js';
import { errored, patched, type AdmissionReview } from '../admission/answers.js';
import { BodyError, readJson } from '../admission/body.js';
import { ReviewError } from '../admission/review.js';
import type { AdmissionMetrics } from '../metrics.js';
import { allowedPolicy, deniedPolicy } from './answers.js';
import { judgeKubeVirt, type JudgeDependencies } from './judge-pause.js';
import type { Judgement } from './judgement.js';
import type { PolicyWriteMetrics } from './metrics.js';
import { policyPatch } from './mutate.js';
import { decodePolicyReview, type PolicyReview } from './review.js';

/*
 * The admission of policies and exceptions themselves. What compiles expressions is loaded with the first of them: many
 * clusters have none.
 */

export interface PolicyAdmissionDependencies extends JudgeDependencies {
  /** Nobody else may ask what others may do, or have it written that they did. */
  readonly isFromApiServer: (request: Request) => boolean;
  readonly recorder: Pick<EventRecorder, 'event'>;
  readonly writes: PolicyWriteMetrics;
  readonly metrics: AdmissionMetrics;
  readonly logger: Logger;
}

type PolicyPhase = 'mutate' | 'validate';

const judge = async (review: PolicyReview, dependencies: JudgeDependencies): Promise<Judgement> => {
  switch (review.kind) {
    case 'KubeVirt':
      return judgeKubeVirt(review, dependencies);
    case 'VirtualMachinePolicyException':
      return (await import('./judge-exception.js')).judgeException(review, dependencies);
    case 'VirtualMachineClusterPolicy':
    case 'VirtualMachinePolicy':
      return (await import('./judge-policy.js')).judgePolicy({ ...review, kind: review.kind }, dependencies);
  }
};

/** Between the first phase and the second the API server looks at types, and would say no more than that. */
const wrongForm = async (review: PolicyReview): Promise<readonly PolicyCause[]> =>
  review.kind === 'VirtualMachineClusterPolicy' || review.kind === 'VirtualMachinePolicy'
    ? (await import('./judge-policy.js')).formCauses(review)
    : [];

/** Another webhook may still refuse it: an Event too many, which says what was tried, is better than one too few. */
const tell = (
  { object, oldObject, kind, name, namespace, dryRun }: PolicyReview,
  { notices }: Judgement,
  { recorder, writes, logger }: PolicyAdmissionDependencies,
): void => {
  if (dryRun) return;
  const whole = recordOf(object ?? oldObject) as KubernetesObject;
  for (const { reason, message } of notices) {
    recorder.event({ ...whole, kind }, 'Warning', reason, message);
    logger.warn({ kind, namespace, name, reason, message }, 'policies changed');
    if (reason === 'Weakened') writes.weakened(name, namespace);
  }
};

const answer = async (
  phase: PolicyPhase,
  review: PolicyReview,
  dependencies: PolicyAdmissionDependencies,
): Promise<AdmissionReview> => {
  if (phase === 'mutate') {
    const wrong = await wrongForm(review);
    return wrong.length === 0 ? patched(review.uid, policyPatch(review)) : deniedPolicy(review.uid, wrong);
  }
  const judgement = await judge(review, dependencies);
  if (judgement.causes.length > 0) return deniedPolicy(review.uid, judgement.causes);
  tell(review, judgement, dependencies);
  return allowedPolicy(review.uid, judgement.warnings);
};

const STRANGER = 'only the API server may ask here: correct the path in the webhook configuration';

const failure = (error: unknown, uid: string, logger: Logger): [status: number, review: AdmissionReview] => {
  if (error instanceof BodyError) return [error.status, errored(uid, error.status, error.message)];
  if (error instanceof ReviewError) return [200, errored(error.uid, 400, error.message)];
  logger.error({ error, uid }, 'admission of a policy failed');
  const text = 'the policy could not be checked, because the API server did not answer or of a defect; try again';
  return [200, errored(uid, 500, `${text} (uid ${uid} in the log of virt-webhook)`)];
};

const handle = async (
  phase: PolicyPhase,
  request: Request,
  response: Response,
  dependencies: PolicyAdmissionDependencies,
): Promise<void> => {
  const started = performance.now();
  let review: PolicyReview | undefined;
  let status = 200;
  let body: AdmissionReview;
  try {
    review = decodePolicyReview(await readJson(request));
    body = dependencies.isFromApiServer(request)
      ? await answer(phase, review, dependencies)
      : errored(review.uid, 403, STRANGER);
  } catch (error) {
    [status, body] = failure(error, review?.uid ?? '', dependencies.logger);
  }
  const { kind, operation } = review ?? { kind: 'unknown', operation: 'unknown' };
  const seconds = (performance.now() - started) / 1000;
  dependencies.metrics.answered({ phase, kind, operation, allowed: body.response.allowed, seconds });
  // What is left of a body that was refused unread would be taken for the next request.
  if (!request.readableEnded) response.set('connection', 'close');
  response.status(status).json(body);
};

/** `POST /mutate-policies` and `POST /validate-policies`. */
export const policyRouter = (dependencies: PolicyAdmissionDependencies): Router => {
  const router = express.Router();
  for (const phase of ['mutate', 'validate'] as const)
    router.post(`/${phase}-policies`, (request, response) => handle(phase, request, response, dependencies));
  return router;
};
