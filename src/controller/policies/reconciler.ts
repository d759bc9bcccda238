import type { PolicyResourceKind } from '../../api/policy/policy-kinds.js';
import type { VirtualMachinePolicy, VirtualMachinePolicyException } from '../../api/schema/policies.js';
import { findCondition } from '../../api/vmi/condition.js';
import type { KubeClient } from '../../kube/client/client.js';
import { mergePatch } from '../../kube/client/patch.js';
import { policyPath } from '../../kube/client/resources.js';
import type { Clock } from '../../kube/clock.js';
import type { EventRecorder } from '../../kube/events.js';
import { objectKey, type KubernetesObject } from '../../kube/types.js';
import type { Outcome } from '../../kube/work/work-queue.js';
import { inSlices } from '../../kube/work/in-slices.js';
import { compilingPolicy, type PolicyCompilation } from '../../policies/compile-policy.js';
import type { FoundPolicy, NamedPolicy } from '../../policies/check-exception.js';
import { unlessGone } from '../passes.js';
import { exceptionEvent, exceptionStatus } from './exception-status.js';
import { nextChange, policyStatus } from './policy-status.js';

export type StoredPolicy = VirtualMachinePolicy & KubernetesObject;
export type StoredException = VirtualMachinePolicyException & KubernetesObject;

export interface PolicyReconcilerOptions {
  readonly client: Pick<KubeClient, 'patch'>;
  readonly recorder: Pick<EventRecorder, 'event'>;
  readonly clock: Clock;
  /** By the kind and its key: `name` or `namespace/name`. */
  readonly policy: (kind: NamedPolicy['kind'], key: string) => StoredPolicy | undefined;
  readonly exception: (key: string) => StoredException | undefined;
  /** The annotation of a pause for all. */
  readonly pausedUntil: () => string | undefined;
}

const CLUSTER = 'VirtualMachineClusterPolicy';

/**
 * Writes the status of policies and exceptions. Nothing waits for it: what is enforced the webhooks know themselves.
 */
export class PolicyReconciler {
  /** By the object: an informer gives another where it has changed. */
  private readonly compiled = new WeakMap<object, PolicyCompilation>();

  constructor(private readonly options: PolicyReconcilerOptions) {}

  reconcilePolicy(kind: NamedPolicy['kind'], key: string): Promise<Outcome | undefined> {
    return unlessGone(async () => {
      const { clock, policy, pausedUntil } = this.options;
      const object = policy(kind, key);
      if (object === undefined) return undefined;
      const now = clock.now();
      const situation = { now, pausedUntil: pausedUntil() };
      const compilation = await this.compile(object);
      const status = policyStatus(object, compilation, situation);
      if (await this.write(kind, object, status)) this.tellPolicy(kind, object, status);
      // What does not compile may be anything, and changes by itself never.
      return compilation.policy === undefined ? undefined : again(nextChange(object, situation), now);
    });
  }

  reconcileException(key: string): Promise<Outcome | undefined> {
    return unlessGone(async () => {
      const { clock, exception, recorder } = this.options;
      const object = exception(key);
      if (object === undefined) return undefined;
      const now = clock.now();
      const { status, next } = await inSlices(exceptionStatus(object, await this.found(object), now));
      const event = exceptionEvent(object.status, status);
      const whole = withKind('VirtualMachinePolicyException', object);
      if ((await this.write('VirtualMachinePolicyException', object, status)) && event !== undefined)
        recorder.event(whole, event.type, event.reason, status.message ?? '');
      return again(next, now);
    });
  }

  /** The policies that an exception names. */
  private async found({ metadata, spec }: StoredException): Promise<(policy: NamedPolicy) => FoundPolicy> {
    const found = new Map<string, FoundPolicy>();
    const keyOf = (kind: NamedPolicy['kind'], name: string): string =>
      kind === 'VirtualMachinePolicy' ? `${metadata?.namespace ?? ''}/${name}` : name;
    for (const { kind = CLUSTER, name } of referencesOf(spec)) {
      if ((kind !== CLUSTER && kind !== 'VirtualMachinePolicy') || typeof name !== 'string') continue;
      const object = this.options.policy(kind, keyOf(kind, name));
      const compiled = object && (await this.compile(object));
      found.set(keyOf(kind, name), compiled === undefined ? 'missing' : (compiled.policy ?? 'stored'));
    }
    return ({ kind, name }) => found.get(keyOf(kind, name)) ?? 'missing';
  }

  private async compile(object: StoredPolicy): Promise<PolicyCompilation> {
    const known = this.compiled.get(object);
    if (known !== undefined) return known;
    const made = await inSlices(compilingPolicy(object, { warn: false }));
    this.compiled.set(object, made);
    return made;
  }

  /** @returns whether anything was to be written */
  private async write(kind: PolicyResourceKind, object: KubernetesObject, status: object): Promise<boolean> {
    const { name, namespace, uid, resourceVersion } = object.metadata ?? {};
    const patch = mergePatch({ status: (object as { status?: object }).status ?? {} }, { status });
    if (patch === undefined) return false;
    const body = { metadata: { uid, resourceVersion }, ...patch };
    await this.options.client.patch(policyPath(kind, namespace, name, 'status'), body, 'merge');
    return true;
  }

  private tellPolicy(kind: PolicyResourceKind, object: StoredPolicy, status: VirtualMachinePolicy['status']): void {
    const { recorder } = this.options;
    const before = object.status;
    const whole = withKind(kind, object);
    const was = findCondition(before?.conditions, 'Compiled')?.status;
    const is = findCondition(status?.conditions, 'Compiled');
    if (is?.status === 'False' && was !== 'False') recorder.event(whole, 'Warning', 'CompileFailed', is.message ?? '');
    if (is?.status === 'True' && was === 'False') recorder.event(whole, 'Normal', 'Compiled', 'it compiles again');
    const held = findCondition(status?.conditions, 'RolloutHeld');
    if (held !== undefined && findCondition(before?.conditions, 'RolloutHeld') === undefined)
      recorder.event(whole, 'Warning', 'RolloutHeld', held.message ?? '');
    // The generation is the same: the time has changed it.
    const isStep = before?.observedGeneration === status?.observedGeneration && before?.action !== status?.action;
    if (isStep && before?.action !== undefined && status?.action !== undefined)
      recorder.event(whole, 'Normal', 'ActionChanged', `the action is ${status.action} now, and was ${before.action}`);
  }
}

const again = (at: number | undefined, now: number): Outcome | undefined =>
  at === undefined ? undefined : { requeueAfterMs: Math.max(1_000, at - now) };

/** Items of a list lack what the list says. */
const withKind = <T extends KubernetesObject>(kind: PolicyResourceKind, object: T): T => ({ ...object, kind });

/** What is stored may be anything. */
const referencesOf = (spec: unknown): readonly { readonly kind?: unknown; readonly name?: unknown }[] => {
  const { policies } = (spec ?? {}) as { policies?: unknown };
  const list: readonly unknown[] = Array.isArray(policies) ? policies : [];
  return list.filter((one) => typeof one === 'object' && one !== null);
};

/** The exceptions that name a policy. */
export const naming = (
  exceptions: readonly StoredException[],
  kind: NamedPolicy['kind'],
  policy: KubernetesObject,
): readonly string[] =>
  exceptions
    .filter(
      ({ metadata, spec }) =>
        (kind === 'VirtualMachineClusterPolicy' || metadata?.namespace === policy.metadata?.namespace) &&
        referencesOf(spec).some((one) => (one.kind ?? CLUSTER) === kind && one.name === policy.metadata?.name),
    )
    .map(objectKey);
