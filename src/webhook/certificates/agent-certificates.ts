import { AGENT_CERTIFICATE_USAGES, AGENT_SIGNER } from '../../agent-api/identity.js';
import {
  REQUEST_LIFE_MS,
  type CertificateRequest,
  type CertificateRequestCondition,
} from '../../agent-api/certificate-request.js';
import { accountName, AGENT_ACCOUNT, nodeOfToken, type NodeOfPod } from '../../agent-api/token.js';
import { isConflict, isNotFound } from '../../kube/client/api-error.js';
import type { KubeClient } from '../../kube/client/client.js';
import type { Clock } from '../../kube/clock.js';
import { Informer, type InformerMetrics } from '../../kube/watch/informer.js';
import type { Log } from '../../kube/program/log.js';
import { certificateRequestPath } from '../../kube/client/resources.js';
import { objectKey } from '../../kube/types.js';
import { type Outcome, WorkQueue } from '../../kube/work/work-queue.js';
import type { AgentPods } from '../admission/agent-pods.js';
import { signerOf, type Certificate } from './certificate-plan.js';
import { RequestRefused, signRequest } from './certificates.js';
import { agentProfile } from './in-cluster-profile.js';

/*
 * The agents' certificates: each agent asks with a CertificateSigningRequest, in which the API server itself writes who
 * asks, and of which pod. So a certificate is for the node of the token, whatever the request says, and needs no port
 * and no secret of its own.
 */

export type RequestDecision =
  | { readonly do: 'nothing' }
  /** The pod of the token is not known yet. */
  | { readonly do: 'wait' }
  | { readonly do: 'deny'; readonly reason: string }
  | { readonly do: 'sign'; readonly node: string };

const has = ({ status }: CertificateRequest, type: string): boolean =>
  status?.conditions?.some((condition) => condition.type === type) === true;

const sameUsages = (usages: readonly string[]): boolean =>
  usages.length === AGENT_CERTIFICATE_USAGES.length &&
  AGENT_CERTIFICATE_USAGES.every((usage) => usages.includes(usage));

/** What becomes of a request. Pure. `now`: milliseconds since 1970. */
export const decideRequest = (
  request: CertificateRequest,
  settings: { readonly nodeOfPod: NodeOfPod; readonly installNamespace: string; readonly now: number },
): RequestDecision => {
  const { spec, status, metadata } = request;
  if (spec.signerName !== AGENT_SIGNER || status?.certificate || has(request, 'Denied') || has(request, 'Failed'))
    return { do: 'nothing' };
  if (spec.username !== accountName(settings.installNamespace, AGENT_ACCOUNT))
    return { do: 'deny', reason: `certificates of ${AGENT_SIGNER} are for virt-agent only` };
  if (!sameUsages(spec.usages))
    return {
      do: 'deny',
      reason: `the usages of a certificate of ${AGENT_SIGNER} are ${AGENT_CERTIFICATE_USAGES.join(', ')}`,
    };
  if (settings.now - Date.parse(metadata?.creationTimestamp ?? '') > REQUEST_LIFE_MS) return { do: 'nothing' };
  const node = nodeOfToken(spec.extra ?? {}, settings.nodeOfPod);
  return node === undefined ? { do: 'wait' } : { do: 'sign', node };
};

/** An agent asks when it starts and every 16 hours: more than so many at once is no agent of ours. */
const BURST = 5;
const REFILL_MS = 10 * 60_000;
/** A pod that is not known wakes its requests when it appears; this is for an event that was lost. */
const WAIT_MS = 30_000;
const CONFLICT_RETRY_MS = 1_000;
/** Signatures at a time; each takes some milliseconds. */
const WORKERS = 2;

/** How many certificates each node may still get. */
export class IssuanceBudget {
  private readonly nodes = new Map<string, { tokens: number; at: number }>();

  /** Takes one. @returns milliseconds until there is one again; 0: it was taken */
  take(node: string, now: number): number {
    const old = this.nodes.get(node) ?? { tokens: BURST, at: now };
    const tokens = Math.min(BURST, old.tokens + (now - old.at) / REFILL_MS);
    if (tokens < 1) return Math.ceil((1 - tokens) * REFILL_MS);
    this.nodes.set(node, { tokens: tokens - 1, at: now });
    return 0;
  }
}

export interface AgentCertificatesOptions {
  readonly client: Pick<KubeClient, 'list' | 'watch' | 'update'>;
  readonly agentPods: AgentPods;
  readonly installNamespace: string;
  /** Our CAs, newest first. */
  readonly authorities: () => readonly Certificate[];
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics?: InformerMetrics;
}

/** Signs what agents ask for. Replicas may all do it: the first write wins, the others find it done. */
export class AgentCertificates {
  private readonly requests: Informer<CertificateRequest>;
  private readonly queue: WorkQueue;
  private readonly budget = new IssuanceBudget();

  constructor(private readonly options: AgentCertificatesOptions) {
    const { client, agentPods, clock, log, metrics } = options;
    this.requests = new Informer<CertificateRequest>(client, {
      path: certificateRequestPath(),
      fieldSelector: `spec.signerName=${AGENT_SIGNER}`,
      log,
      clock,
      ...(metrics === undefined ? {} : { metrics }),
    });
    this.queue = new WorkQueue({
      name: 'virt-webhook-certificate',
      handler: (key) => this.handle(key),
      workers: WORKERS,
      clock,
      log,
    });
    const changed = (request: CertificateRequest): void => this.queue.add(objectKey(request));
    this.requests.on('add', changed);
    this.requests.on('update', changed);
    agentPods.onAdd(() => {
      for (const request of this.requests.list()) if (!request.status?.certificate) changed(request);
    });
  }

  start(): void {
    this.requests.start();
    this.queue.start();
  }

  async stop(): Promise<void> {
    await this.queue.stop();
    await this.requests.stop();
  }

  private async handle(key: string): Promise<Outcome | undefined> {
    const request = this.requests.get(key);
    if (request === undefined) return undefined;
    const { clock, installNamespace, agentPods } = this.options;
    const decision = decideRequest(request, { nodeOfPod: agentPods.nodeOf, installNamespace, now: clock.now() });
    try {
      switch (decision.do) {
        case 'nothing':
          return undefined;
        case 'wait':
          return { requeueAfterMs: WAIT_MS };
        case 'deny':
          await this.deny(request, decision.reason);
          return undefined;
        case 'sign':
          return await this.sign(request, decision.node);
      }
    } catch (error) {
      if (isConflict(error)) return { requeueAfterMs: CONFLICT_RETRY_MS };
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  private async sign(request: CertificateRequest, node: string): Promise<Outcome | undefined> {
    const { clock, authorities, client, log } = this.options;
    const authority = signerOf(authorities(), clock.now());
    if (authority === undefined) return { requeueAfterMs: CONFLICT_RETRY_MS };
    const wait = this.budget.take(node, clock.now());
    if (wait > 0) {
      log.warn({ node, request: objectKey(request) }, 'too many certificates asked for by one node, it has to wait');
      return { requeueAfterMs: wait };
    }
    let certificate: string;
    try {
      const text = Buffer.from(request.spec.request, 'base64').toString('utf8');
      certificate = await signRequest(text, agentProfile(node), authority, clock.now());
    } catch (error) {
      if (!(error instanceof RequestRefused)) throw error;
      await this.deny(request, error.message);
      return undefined;
    }
    const message = `the token that asked is of a virt-agent on node ${node}`;
    const approved = has(request, 'Approved')
      ? request
      : await this.decided(request, { type: 'Approved', status: 'True', reason: 'AgentOfNode', message });
    const status = { ...approved.status, certificate: Buffer.from(certificate).toString('base64') };
    await client.update(certificateRequestPath(request.metadata?.name, 'status'), { ...approved, status });
    log.info({ node, request: objectKey(request) }, 'certificate of an agent signed');
    return undefined;
  }

  private async deny(request: CertificateRequest, message: string): Promise<void> {
    this.options.log.warn({ request: objectKey(request), by: request.spec.username, message }, 'certificate denied');
    // What an administrator has approved cannot be denied any more; it just gets no certificate.
    if (has(request, 'Approved')) return;
    await this.decided(request, { type: 'Denied', status: 'True', reason: 'NotAnAgent', message });
  }

  private decided(request: CertificateRequest, condition: CertificateRequestCondition): Promise<CertificateRequest> {
    const conditions = [...(request.status?.conditions ?? []), condition];
    return this.options.client.update<CertificateRequest>(certificateRequestPath(request.metadata?.name, 'approval'), {
      ...request,
      status: { ...request.status, conditions },
    });
  }
}
