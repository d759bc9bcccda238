import type { AdmissionContext } from '../../../../src/admission/types.js';
import type { Cause } from '../../../../src/api/cause.js';
import { resolveClusterConfig } from '../../../../src/api/settings/cluster-config.js';
import { ApiError } from '../../../../src/kube/client/api-error.js';
import { silentLog } from '../../../../src/kube/program/log.js';
import type { KubernetesObject } from '../../../../src/kube/types.js';
import type { ReviewRequest } from '../../../../src/webhook/admission/review.js';
import { decodeReview } from '../../../../src/webhook/admission/review.js';
import { PolicyJudge, type Judged, type PolicyAnswer } from '../../../../src/webhook/policies/policy-judge.js';
import { PolicyLoader } from '../../../../src/webhook/policies/policy-loader.js';
import type { Owner } from '../../../../src/webhook/policies/owner-source.js';
import type { PolicySnapshot } from '../../../../src/webhook/policies/snapshot.js';
import type { KnownNamespace } from '../../../../src/webhook/policies/policy-watch.js';
import { NOW, policyWith } from '../../policies/support.js';
import { FakeClock } from '../../kube/fake-clock.js';

/*
 * The webhook's policies without a cluster.
 */

export const CONTROLLER = 'system:serviceaccount:kubevirt:virt-controller';
export const AGENT = 'system:serviceaccount:kubevirt:virt-agent';

const context = { config: resolveClusterConfig(), newUuid: () => '00000000-0000-8000-8000-000000000000' };

let version = 0;

/** A stored policy. */
export const stored = (spec: object, metadata: object = {}): KubernetesObject => {
  version += 1;
  const { name = 'vm-size', namespace } = metadata as { name?: string; namespace?: string };
  return policyWith(spec, {
    uid: `uid-${namespace ?? ''}-${name}`,
    resourceVersion: String(version),
    generation: version,
    ...metadata,
  });
};

export const loaded = async (
  policies: readonly KubernetesObject[],
  exceptions: readonly KubernetesObject[] = [],
): Promise<PolicySnapshot | undefined> => {
  let snapshot: PolicySnapshot | undefined;
  const loader = new PolicyLoader({ log: silentLog, publish: (published) => (snapshot = published) });
  for (const policy of policies) loader.policyChanged(policy);
  for (const exception of exceptions) loader.exceptionChanged(exception);
  await loader.idle();
  return snapshot;
};

export interface Asked {
  readonly object: object;
  readonly oldObject?: object;
  readonly username?: string;
  readonly operation?: 'CREATE' | 'UPDATE';
  readonly namespace?: string;
  readonly subResource?: string;
  readonly dryRun?: boolean;
  readonly isTrusted?: boolean;
  /** What the product's own rules found. */
  readonly causes?: readonly Cause[];
}

export const reviewOf = (asked: Asked): ReviewRequest => {
  const { object, oldObject, username = 'alice', namespace = 'shop', subResource = '', dryRun = false } = asked;
  const { kind } = object as { kind: string };
  return decodeReview({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: 'u',
      kind: { group: 'kubevirt.io', version: 'v1', kind },
      resource: { group: 'kubevirt.io', version: 'v1', resource: `${kind.toLowerCase()}s` },
      operation: asked.operation ?? (oldObject === undefined ? 'CREATE' : 'UPDATE'),
      subResource,
      namespace,
      userInfo: { username, groups: ['developers'] },
      dryRun,
      object,
      oldObject,
    },
  });
};

/** A judge over policies, and what it was seen to do. */
export class TestJudge {
  readonly judged: Judged[] = [];
  readonly letBe: { owner: Owner; count: number }[] = [];
  readonly gets: string[] = [];
  readonly clock = new FakeClock(NOW);
  /** What the API server has. */
  readonly objects = new Map<string, object>();
  namespaces = new Map<string, KnownNamespace>([
    ['shop', { metadata: { name: 'shop', labels: { env: 'prod' } } }],
    ['kube-system', { metadata: { name: 'kube-system' } }],
    ['kubevirt', { metadata: { name: 'kubevirt' } }],
  ]);
  notReady: string | undefined;
  pausedUntil: string | undefined;
  config = resolveClusterConfig();
  failing: Error | undefined;
  /** Of the context of admission. */
  more: Partial<AdmissionContext> = {};

  private constructor(public snapshot: PolicySnapshot | undefined) {}

  static async of(
    policies: readonly KubernetesObject[],
    exceptions: readonly KubernetesObject[] = [],
  ): Promise<TestJudge> {
    return new TestJudge(await loaded(policies, exceptions));
  }

  ask(asked: Asked): Promise<PolicyAnswer | undefined> {
    const review = reviewOf(asked);
    const { kind, operation, object, oldObject, namespace, username, groups, subResource } = review;
    const user = { username: username!, groups };
    const request = { kind, operation: operation as 'CREATE', object, oldObject, namespace, user };
    return this.judge.judge({
      request: subResource === '' ? request : { ...request, subResource: 'status' },
      review,
      own: { causes: asked.causes ?? [], context: { ...context, ...this.more } },
      isTrusted: asked.isTrusted ?? true,
    });
  }

  private get judge(): PolicyJudge {
    return new PolicyJudge({
      store: {
        snapshot: this.snapshot,
        notReady: this.notReady,
        whenReady: () => Promise.resolve(this.notReady === undefined),
        namespace: (name) => this.namespaces.get(name),
        askForNamespace: (name) => Promise.resolve(this.objects.get(name)),
      },
      client: { get: this.get },
      installNamespace: 'kubevirt',
      config: () => this.config,
      pausedUntil: () => this.pausedUntil,
      observer: {
        judged: (judged) => this.judged.push(judged),
        letBe: (owner, findings) => this.letBe.push({ owner, count: findings.length }),
      },
      clock: this.clock,
      log: silentLog,
    });
  }

  private readonly get = <T>(path: string): Promise<T> => {
    this.gets.push(path);
    if (this.failing !== undefined) return Promise.reject(this.failing);
    const object = this.objects.get(path);
    if (object !== undefined) return Promise.resolve(object as T);
    return Promise.reject(new ApiError({ code: 404, reason: 'NotFound', message: path }));
  };
}

export const rulesOf = (answer: PolicyAnswer | undefined): string[] =>
  (answer?.causes ?? []).map(({ rule = '' }) => rule);
