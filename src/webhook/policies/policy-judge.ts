import { effectiveSpec } from '../../admission/effective.js';
import type { AdmissionRequest } from '../../admission/types.js';
import { isOurProgram } from '../../admission/our-programs.js';
import type { AdmissionContext } from '../../admission/types.js';
import { ownRulesOf } from '../../admission/warnings/own-rules.js';
import type { Cause } from '../../api/cause.js';
import type { ClusterConfig } from '../../api/settings/cluster-config.js';
import type { KubeClient } from '../../kube/client/client.js';
import type { Clock } from '../../kube/clock.js';
import type { Log } from '../../kube/program/log.js';
import type { PolicyKind } from '../../policies/environments.js';
import type { Finding, Verdict } from '../../policies/finding.js';
import { subjectOf } from '../../policies/subject.js';
import type { ReviewRequest } from '../admission/review.js';
import { auditAnnotations } from './audit-annotations.js';
import { isExempt, policyKindOf } from './exempt.js';
import { emptySource } from '../../instancetypes/source.js';
import { isMadeOfStored, ownerOf, type Owner } from './owner-source.js';
import type { KnownNamespace, PolicyWatch } from './policy-watch.js';
import { requestObject } from './request-object.js';
import type { PolicySnapshot, Where } from './snapshot.js';

/** What policies say of a request. */
export interface PolicyAnswer {
  readonly causes: readonly Cause[];
  /** Of the causes those that are no errors: what is wrong with the object may have led to these. */
  readonly violations: readonly Cause[];
  readonly warnings: readonly string[];
  /** Rules whose causes no longer count, and warnings that the product itself no longer gives. */
  readonly settled: ReadonlySet<string>;
  readonly auditAnnotations: Readonly<Record<string, string>>;
}

/** What became of a request. */
export interface Judged {
  readonly verdict: Verdict;
  readonly snapshot: PolicySnapshot;
  readonly subject: { readonly kind: string; readonly name: string; readonly namespace: string };
  readonly isDryRun: boolean;
  readonly seconds: number;
}

/** What is counted and told of verdicts. */
export interface PolicyObserver {
  judged(judged: Judged): void;
  /** A VMI that violates was made of a stored object that does so too. */
  letBe(owner: Owner, findings: readonly Finding[]): void;
}

export interface PolicyQuestion {
  readonly request: AdmissionRequest;
  readonly review: ReviewRequest;
  /** What the product's own rules found, and under which settings. */
  readonly own: { readonly causes: readonly Cause[]; readonly context: AdmissionContext };
  /** Whether the API server asks: nobody else is told what policies say. */
  readonly isTrusted: boolean;
}

export interface PolicyJudgeOptions {
  readonly store: Pick<PolicyWatch, 'snapshot' | 'notReady' | 'whenReady' | 'namespace' | 'askForNamespace'>;
  readonly client: Pick<KubeClient, 'get'>;
  readonly installNamespace: string;
  /** By which objects get their defaults. */
  readonly config: () => ClusterConfig;
  /** Until when all policies are paused, as the KubeVirt object says. */
  readonly pausedUntil: () => string | undefined;
  readonly observer: PolicyObserver;
  readonly clock: Clock;
  readonly log: Log;
}

const refusal = (message: string, rule: string): PolicyAnswer => {
  const causes: Cause[] = [{ type: 'FieldValueForbidden', field: 'metadata', message, rule }];
  return { causes, violations: causes, warnings: [], settled: new Set(), auditAnnotations: {} };
};

const NOT_READY = refusal(
  'policies are not known here yet, since virt-webhook has just begun; try again',
  'policy.not-ready',
);
const STRANGER = refusal(
  'policies hold here, about which only the API server may ask: correct the path in the webhook configuration',
  'access.not-asked',
);

/** One request, with all that does not change while it is judged. */
interface Case extends PolicyQuestion {
  readonly kind: PolicyKind;
  readonly snapshot: PolicySnapshot;
  readonly namespace: KnownNamespace | undefined;
}

/** Asks the policies about requests. */
export class PolicyJudge {
  constructor(private readonly options: PolicyJudgeOptions) {}

  /** Undefined: no policy is for it. */
  async judge(question: PolicyQuestion): Promise<PolicyAnswer | undefined> {
    const { store, installNamespace } = this.options;
    const kind = policyKindOf(question.request);
    if (kind === undefined) return undefined;
    if (store.snapshot === undefined && store.notReady === undefined) return undefined;
    if (isExempt(kind, question.request, installNamespace)) return undefined;
    if (store.notReady !== undefined && !(await store.whenReady())) return NOT_READY;
    const { snapshot } = store;
    if (snapshot === undefined) return undefined;
    const name = question.request.namespace ?? '';
    if (snapshot.isPending(name)) return NOT_READY;
    const known = store.namespace(name);
    const where = whereOf(kind, question.request, known);
    if (snapshot.policiesFor(where).length === 0) return undefined;
    if (!question.isTrusted) return STRANGER;
    const namespace = known ?? (await store.askForNamespace(name));
    return this.answer({ ...question, kind, snapshot, namespace });
  }

  private async answer(asked: Case): Promise<PolicyAnswer> {
    const { request, snapshot, kind } = asked;
    const started = performance.now();
    let verdict = this.verdict(asked, kind, request.object, request.oldObject);
    const seconds = (performance.now() - started) / 1000;
    const isOurs = isOurProgram(request.user?.username, this.options.installNamespace);
    if (verdict.causes.length > 0 && isMadeOfStored(request, this.options.installNamespace)) {
      verdict = await this.asOwner(asked, verdict);
    }
    const { name } = subjectOf({ ...whereOf(kind, request, asked.namespace), object: request.object, user: undefined });
    const subject = { kind, name, namespace: request.namespace ?? '' };
    this.options.observer.judged({ verdict, snapshot, subject, isDryRun: asked.review.dryRun, seconds });
    const { causeOf, isRefused } = snapshot.engine;
    return {
      causes: verdict.causes,
      violations: verdict.findings
        .filter((finding) => isRefused(finding) && finding.outcome === 'fail')
        .slice(0, verdict.causes.length)
        .map(causeOf),
      // Nobody reads the answers to our own programs.
      warnings: isOurs ? [] : verdict.warnings,
      settled: verdict.settled,
      auditAnnotations: auditAnnotations(verdict, snapshot.engine),
    };
  }

  private async asOwner(asked: Case, verdict: Verdict): Promise<Verdict> {
    const { client, log, clock, observer } = this.options;
    const { request, snapshot, review } = asked;
    const owner = await ownerOf(client, request.object, request.namespace ?? '', log);
    if (owner === undefined) return verdict;
    // As nobody's: who may have it, was asked when it was written. And without what it names: an instance type may have
    // been written after it, so what one brings was never looked at.
    const context = { ...asked.own.context, instancetypes: emptySource };
    const asNobody = { ...asked, request: { ...request, user: undefined }, own: { causes: [], context } };
    const stored = this.verdict(asNobody, owner.kind, owner.object, null);
    const judged = snapshot.engine.letBeAsOwner(verdict, stored, clock.now());
    const letBe = judged.findings.filter(({ outcome }) => outcome === 'ratcheted');
    if (letBe.length > 0 && !review.dryRun) observer.letBe(owner, letBe);
    return judged;
  }

  private verdict(
    { request, review, snapshot, namespace, own }: Case,
    kind: PolicyKind,
    object: unknown,
    old: unknown,
  ): Verdict {
    const { now, pausedUntil } = { now: this.options.clock.now(), pausedUntil: this.options.pausedUntil() };
    const { user, operation } = request;
    const where = whereOf(kind, request, namespace);
    return snapshot.engine.verdictOf({
      subject: subjectOf({
        ...where,
        object,
        user: user && { username: user.username, groups: user.groups ?? [] },
      }),
      object,
      oldObject: operation === 'UPDATE' ? (old ?? null) : null,
      request: requestObject(review.request),
      namespaceObject: namespace ?? null,
      effective: effectiveSpec(kind, { ...own.context, config: this.options.config(), namespace: where.namespace }),
      policies: snapshot.policiesFor(where),
      exceptions: snapshot.exceptionsIn(where.namespace),
      own: ownRulesOf({ ...request, kind, object, oldObject: old }, own.context, own.causes),
      now,
      pausedUntil,
    });
  }
}

const NO_LABELS = {};

const whereOf = (kind: PolicyKind, request: AdmissionRequest, namespace: KnownNamespace | undefined): Where => ({
  kind,
  operation: request.operation,
  namespace: request.namespace ?? '',
  namespaceLabels: namespace === undefined ? undefined : (namespace.metadata?.labels ?? NO_LABELS),
});
