import { timestamp } from '../../api/timestamp.js';
import { withCondition, withoutCondition } from '../../api/vmi/condition.js';
import { isDeleting, isFinal } from '../../api/vmi/phase.js';
import { Finalizer } from '../../api/names.js';
import type { VirtualMachineInstance, VirtualMachineInstanceReplicaSet } from '../../api/schema/kinds.js';
import { errorMessage, isConflict, isNotFound } from '../../kube/client/api-error.js';
import { API_VERSION, vmiPath, vmirsPath } from '../../kube/client/resources.js';
import type { Outcome } from '../../kube/work/work-queue.js';
import type { ControllerContext } from '../context.js';
import { Index } from '../indices.js';
import { patchDifference } from '../patch-difference.js';
import { BEHIND } from '../superseded.js';
import { isOwnedBy } from '../vm/instance.js';
import { SOON, unlessGone } from '../passes.js';
import { decideReplicaSet, type ReplicaSetPlan, selectorText, adopts } from './decision.js';

/** After this long a creation that the cache never showed is forgotten (client-go's expectations). */
const EXPECTATION_MS = 300_000;

type Failure = { reason: string; message: string } | undefined;

/** VirtualMachineInstanceReplicaSet → VMIs from its template; no rolling update, as in the reference. */
export class ReplicaSetReconciler {
  /** Uids that we created and the cache has not shown, by set. */
  private readonly expected = new Map<string, Map<string, number>>();

  constructor(private readonly context: ControllerContext) {}

  async reconcile(key: string): Promise<Outcome | undefined> {
    const set = this.context.caches.replicaSets.get(key);
    if (!set) {
      this.expected.delete(key);
      return undefined;
    }
    if (this.context.superseded.has(set)) return BEHIND;
    return unlessGone(() => this.act(key, set));
  }

  private async act(key: string, set: VirtualMachineInstanceReplicaSet): Promise<Outcome | undefined> {
    // The cache shows the adopted ones in a moment; counting without them would make too many.
    if ((await this.adopt(set)) > 0) return SOON;
    // A user who knows the set's uid can name it as owner in another namespace: such a VMI is none of its replicas.
    const owned = this.context.caches.vmis
      .byIndex(Index.owner, set.metadata?.uid ?? '')
      .filter((vmi) => vmi.metadata?.namespace === set.metadata?.namespace && isOwnedBy(vmi, set.metadata?.uid));
    const plan = decideReplicaSet(set, owned, this.outstanding(key, owned));
    const error = await this.scale(key, set, plan);
    await this.saveStatus(set, plan, error === undefined ? undefined : failureOf(plan, error));
    if (error !== undefined) throw error as Error;
    return undefined;
  }

  private outstanding(key: string, owned: VirtualMachineInstance[]): number {
    const waiting = this.expected.get(key);
    if (!waiting) return 0;
    for (const { metadata } of owned) waiting.delete(metadata?.uid ?? '');
    for (const [uid, until] of waiting) if (until < this.context.clock.now()) waiting.delete(uid);
    return waiting.size;
  }

  /** VMIs without a controller whose labels the selector matches become the set's. */
  private async adopt(set: VirtualMachineInstanceReplicaSet): Promise<number> {
    let adopted = 0;
    if (isDeleting(set)) return adopted;
    const { namespace, name = '', uid = '' } = set.metadata ?? {};
    for (const vmi of this.context.caches.vmis.list(namespace)) {
      const { labels, ownerReferences = [] } = vmi.metadata ?? {};
      const free = !ownerReferences.some(({ controller }) => controller === true);
      if (!free || isDeleting(vmi) || isFinal(vmi) || !adopts(set.spec.selector, labels)) continue;
      const after = {
        ...vmi,
        metadata: { ...vmi.metadata, ownerReferences: [...ownerReferences, owner(name, uid)] },
      };
      await patchDifference(this.context, vmiPath(namespace, vmi.metadata?.name), vmi, after);
      adopted += 1;
    }
    return adopted;
  }

  /** Returns the first error; what succeeded before it counts. */
  private async scale(key: string, set: VirtualMachineInstanceReplicaSet, plan: ReplicaSetPlan): Promise<unknown> {
    const { client, recorder, clock } = this.context;
    const { namespace } = set.metadata ?? {};
    try {
      if (plan.create > 0 && !adopts(set.spec.selector, set.spec.template.metadata?.labels)) {
        throw new Error(
          'spec.selector does not match spec.template.metadata.labels: the set would never count its own VMIs',
        );
      }
      for (let index = 0; index < plan.create; index += 1) {
        const vmi = await client.create<VirtualMachineInstance>(vmiPath(namespace), instanceOf(set));
        const waiting = this.expected.get(key) ?? new Map<string, number>();
        this.expected.set(key, waiting.set(vmi.metadata?.uid ?? '', clock.now() + EXPECTATION_MS));
        recorder.event(
          set,
          'Normal',
          'SuccessfulCreate',
          `Created virtual machine instance ${vmi.metadata?.name ?? ''}`,
        );
      }
      for (const vmi of plan.remove) {
        const { name, uid } = vmi.metadata ?? {};
        await client.delete(vmiPath(namespace, name), { uid }).catch((error: unknown) => {
          if (!isNotFound(error) && !isConflict(error)) throw error;
        });
        recorder.event(set, 'Normal', 'SuccessfulDelete', `Deleted virtual machine instance ${name ?? ''}`);
      }
      return undefined;
    } catch (error) {
      recorder.event(set, 'Warning', failureOf(plan, error)?.reason ?? 'FailedCreate', errorMessage(error));
      return error;
    }
  }

  private async saveStatus(
    set: VirtualMachineInstanceReplicaSet,
    plan: ReplicaSetPlan,
    failure: Failure,
  ): Promise<void> {
    const { namespace, name } = set.metadata ?? {};
    const now = timestamp(this.context.clock.now());
    const paused = set.spec.paused === true;
    const pausedCondition = {
      type: 'ReplicaPaused',
      status: 'True',
      reason: 'Paused',
      message: 'Controller got paused',
    };
    let conditions = set.status?.conditions;
    conditions = paused
      ? withCondition(conditions, { ...pausedCondition, status: 'True' }, now)
      : withoutCondition(conditions, 'ReplicaPaused');
    conditions = failure
      ? withCondition(conditions, { type: 'ReplicaFailure', status: 'True', ...failure }, now)
      : withoutCondition(conditions, 'ReplicaFailure');
    const status = {
      ...set.status,
      replicas: plan.replicas,
      readyReplicas: plan.readyReplicas,
      labelSelector: selectorText(set.spec.selector),
      conditions: conditions.length > 0 ? conditions : undefined,
    };
    await patchDifference(this.context, vmirsPath(namespace, name, 'status'), set, { ...set, status });
  }
}

const failureOf = (plan: ReplicaSetPlan, error: unknown): Failure => ({
  reason: plan.create > 0 ? 'FailedCreate' : 'FailedDelete',
  message: errorMessage(error),
});

const owner = (
  name: string,
  uid: string,
): NonNullable<NonNullable<VirtualMachineInstance['metadata']>['ownerReferences']>[0] => ({
  apiVersion: API_VERSION,
  kind: 'VirtualMachineInstanceReplicaSet',
  name,
  uid,
  controller: true,
  blockOwnerDeletion: true,
});

const instanceOf = (set: VirtualMachineInstanceReplicaSet): VirtualMachineInstance => {
  const { name = '', namespace, uid = '' } = set.metadata ?? {};
  const { metadata, spec } = set.spec.template;
  if (!spec) throw new Error('spec.template.spec is missing');
  return {
    apiVersion: API_VERSION,
    kind: 'VirtualMachineInstance',
    metadata: {
      generateName: name,
      namespace,
      labels: { ...metadata?.labels },
      annotations: { ...metadata?.annotations },
      finalizers: [Finalizer.vmi],
      ownerReferences: [owner(name, uid)],
    },
    spec,
  };
};
