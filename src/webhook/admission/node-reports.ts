import { recordOf } from '../../api/record.js';
import express, { type Request, type Response, type Router } from 'express';
import type { Logger } from 'pino';
import { accountName, AGENT_ACCOUNT, nodeOfToken, type NodeOfPod } from '../../agent-api/token.js';
import { GROUP } from '../../api/names.js';
import { allowed, errored, type AdmissionReview } from './answers.js';
import { BodyError, readJson } from './body.js';
import type { AdmissionMetrics } from '../metrics.js';
import { openReview, ReviewError, text } from './review.js';

/*
 * Who may write a VirtNode: of the agents, which share one account, the one of that node. Others are the API server's
 * to judge, which grants the right to nobody but the agents and the cluster's administrators. What it holds, the schema
 * says.
 */

export interface NodeReportDependencies {
  readonly nodeOfPod: NodeOfPod;
  readonly installNamespace: string;
  readonly metrics: AdmissionMetrics;
  readonly logger: Logger;
}

/** A request to create or change a VirtNode. */
export interface NodeReportRequest {
  readonly uid: string;
  /** The object's. */
  readonly name: string;
  readonly username: string;
  readonly extra: Readonly<Record<string, unknown>>;
}

/** @throws BodyError when it is no AdmissionReview, ReviewError when it is about something else */
export const decodeNodeReport = (body: unknown): NodeReportRequest => {
  const { uid, request } = openReview(body);
  const { group, kind } = recordOf(request['kind']);
  if (group !== GROUP || kind !== 'VirtNode')
    throw new ReviewError(uid, `this path serves VirtNodes of ${GROUP}: correct the webhook configuration`);
  const user = recordOf(request['userInfo']);
  // Of a creation the request may lack the name.
  const name = text(recordOf(recordOf(request['object'])['metadata'])['name']) || text(request['name']);
  return { uid, name, username: text(user['username']), extra: recordOf(user['extra']) };
};

/** Why a write is refused; undefined: it is not. */
export const nodeReportRefusal = (
  { name, username, extra }: NodeReportRequest,
  { nodeOfPod, installNamespace }: Pick<NodeReportDependencies, 'nodeOfPod' | 'installNamespace'>,
): string | undefined => {
  if (username !== accountName(installNamespace, AGENT_ACCOUNT)) return undefined;
  const node = nodeOfToken(extra, nodeOfPod);
  if (node === undefined)
    return 'the token of this virt-agent is not bound to a pod that is known here, so its node is not known: give it a projected token as manifests/virt-agent.yaml has it; right after the start of a pod, try again';
  return name === node ? undefined : `the agent of node "${node}" writes the VirtNode of that name only, not "${name}"`;
};

const failure = (error: unknown, uid: string, logger: Logger): [status: number, review: AdmissionReview] => {
  if (error instanceof BodyError) return [error.status, errored(uid, error.status, error.message)];
  if (error instanceof ReviewError) return [200, errored(error.uid, 400, error.message)];
  logger.error({ error, uid }, 'admission of a node report failed');
  return [500, errored(uid, 500, 'a defect of virt-webhook; its log has the details')];
};

const handle = async (request: Request, response: Response, dependencies: NodeReportDependencies): Promise<void> => {
  const started = performance.now();
  let [uid, status] = ['', 200];
  let review: AdmissionReview;
  try {
    const report = decodeNodeReport(await readJson(request));
    ({ uid } = report);
    const refusal = nodeReportRefusal(report, dependencies);
    review = refusal === undefined ? allowed(uid) : errored(uid, 403, refusal);
    // The caller has an agent's token without being that agent, or tries what an agent never does.
    if (refusal !== undefined) dependencies.logger.warn({ virtNode: report.name, refusal }, 'node report refused');
  } catch (error) {
    [status, review] = failure(error, uid, dependencies.logger);
  }
  const labels = { phase: 'validate', kind: 'VirtNode', operation: 'WRITE' } as const;
  const seconds = (performance.now() - started) / 1000;
  dependencies.metrics.answered({ ...labels, allowed: review.response.allowed, seconds });
  // What is left of a body that was refused unread would be taken for the next request.
  if (!request.readableEnded) response.set('connection', 'close');
  response.status(status).json(review);
};

/** `POST /virt-nodes`. */
export const nodeReportRouter = (dependencies: NodeReportDependencies): Router => {
  const router = express.Router();
  router.post('/virt-nodes', (request, response) => handle(request, response, dependencies));
  return router;
};
