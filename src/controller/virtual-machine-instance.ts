import { claimNameOf, claimUses } from '../api/claims.js';
import { Label } from '../api/names.js';
import type { VirtualMachineInstance } from '../api/schema/kinds.js';
import type { PersistentVolumeClaimInfo } from '../api/schema/volume-migration.js';
import { errorMessage, isAlreadyExists, isConflict, isNotFound } from '../kube/api-error.js';
import { namespacePath, nodePath, podPath, pvcPath, resourceQuotaPath, vmiPath } from '../kube/resources.js';
import type { PersistentVolumeClaim, Pod } from '../kube/types.js';
import type { Outcome } from '../kube/work-queue.js';
import { buildLauncherPod, type LauncherContext } from '../launcher/index.js';
import { claimInfo, claimProblem, type ClaimProblem } from './claims.js';
import { withCondition } from './conditions.js';
import { BEHIND, type ControllerContext, Index, patchDifference } from './context.js';
import { isOutdated, launcherPodName } from './launcher-pods.js';
import { isDeleting, isHandedOver, phaseOf, timestamp } from './phases.js';
import { mountProblem, mountQuestionIn } from './pod-mounts.js';
import { isOwnedBy } from './vm-instance.js';
import { bindingPodName, buildBindingPod } from './data-volumes/binding-pod.js';
import { cloneProblem, type DataVolumeProblem, dataVolumeProblem } from './data-volumes/readiness.js';
import { decideVmi, type VmiPlan, type VmiView } from './vmi-decision.js';

interface Quota {
  spec?: { hard?: Record<string, string> };
}

/** VirtualMachineInstance → launcher pod, phases up to the hand-over, the end, finalizers (spec/domain.md §9.1). */
export class VirtualMachineInstanceReconciler {
  constructor(private readonly context: ControllerContext) {}

  async reconcile(key: string): Promise<Outcome | undefined> {
    const vmi = this.context.caches.vmis.get(key);
    if (!vmi) return undefined;
    if (this.context.superseded.has(vmi)) return BEHIND;
    try {
      return await this.act(vmi);
    } catch (error) {
      // Somebody else wrote first; the watch brings the news and with it the next pass.
      if (isConflict(error)) return { requeueAfterMs: 500 };
      // Gone while we looked at it: the watch will say so.
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  private async act(vmi: VirtualMachineInstance): Promise<Outcome> {
    const pods = this.context.caches.pods
      .byIndex(Index.createdBy, vmi.metadata?.uid ?? '')
      .filter((pod) => isOwnedBy(pod, vmi.metadata?.uid));
    let view: VmiView = {
      vmi,
      pods,
      nodeGone: await this.nodeGone(vmi),
      ownerGone: this.ownerGone(vmi),
      podOutdated: pods.some((pod) => isOutdated(pod, this.context.config().useEmulation)),
      mountProblem: await this.mountProblem(vmi, pods),
      dataVolumeProblem: this.dataVolumeProblem(vmi),
      claimProblem: this.claimProblem(vmi),
      claims: await this.claims(vmi),
      now: this.context.clock.now(),
    };
    let plan = decideVmi(view);
    if (plan.assumesNoPod) {
      const live = await this.livePods(vmi);
      if (live.length > 0) plan = decideVmi((view = { ...view, pods: live }));
    }
    if (plan.bindingPod === 'needed') await this.createBindingPod(vmi);
    if (plan.bindingPod === 'done') await this.deleteBindingPod(vmi);
    if (plan.createPod) plan = await this.createPod(view);
    for (const pod of plan.deletePods) await this.deletePod(vmi, pod);
    await this.save(vmi, plan);
    return { requeueAfterMs: plan.requeueAfterMs };
  }

  private async save(vmi: VirtualMachineInstance, plan: VmiPlan): Promise<void> {
    const { namespace, name } = vmi.metadata ?? {};
    await patchDifference(this.context, vmiPath(namespace, name), vmi, plan.after);
    // After the write: an event tells of a transition that has happened.
    for (const { type, reason, message } of plan.events) this.context.recorder.event(vmi, type, reason, message);
  }

  private async mountProblem(vmi: VirtualMachineInstance, [pod]: Pod[]): Promise<string | undefined> {
    if (pod === undefined || phaseOf(vmi) !== 'Scheduling') return undefined;
    if (mountQuestionIn(pod, this.context.clock.now()) !== 0) return undefined;
    return mountProblem(this.context.client, pod);
  }

  /** The first volume whose DataVolume is not filled. Feature gates do not matter here: admission has asked them. */
  private dataVolumeProblem(vmi: VirtualMachineInstance): DataVolumeProblem | undefined {
    if (phaseOf(vmi) !== 'Pending') return undefined;
    const { caches, dataVolumes } = this.context;
    for (const volume of vmi.spec.volumes ?? []) {
      const name = claimNameOf(volume);
      if (name === undefined) continue;
      const key = `${vmi.metadata?.namespace ?? ''}/${name}`;
      const clones = dataVolumes.provider === 'built-in' ? dataVolumes.list(vmi.metadata?.namespace) : [];
      const problem =
        dataVolumeProblem(volume, dataVolumes.get(key), caches.claims.get(key)) ??
        cloneProblem(volume.name, name, clones);
      if (problem !== undefined) return problem;
    }
    return undefined;
  }

  private async createBindingPod(vmi: VirtualMachineInstance): Promise<void> {
    const { namespace = '' } = vmi.metadata ?? {};
    const pod = buildBindingPod(vmi, { ...(await this.launcherContext(namespace)), claims: await this.claims(vmi) });
    try {
      await this.context.client.create(podPath(namespace), pod);
    } catch (error) {
      if (isAlreadyExists(error)) return;
      await this.tellFailedCreate(vmi, `Error creating pod ${bindingPodName(vmi)}: ${errorMessage(error)}`);
      throw error;
    }
  }

  private async deleteBindingPod(vmi: VirtualMachineInstance): Promise<void> {
    try {
      await this.context.client.delete(podPath(vmi.metadata?.namespace, bindingPodName(vmi)));
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  private claimProblem(vmi: VirtualMachineInstance): ClaimProblem | undefined {
    if (phaseOf(vmi) !== 'Pending') return undefined;
    const { caches, config } = this.context;
    const key = (name: string): string => `${vmi.metadata?.namespace ?? ''}/${name}`;
    return claimProblem({
      vmi,
      claim: (name) => caches.claims.get(key(name)),
      usersOf: (name) => caches.vmis.byIndex(Index.claim, key(name)),
      blockVolumes: config().hasFeatureGate('BlockVolume'),
    });
  }

  /** The claims' sizes and modes, for the pod and for the agent. */
  private async claims(vmi: VirtualMachineInstance): Promise<Map<string, PersistentVolumeClaimInfo>> {
    const { caches, client } = this.context;
    const { namespace = '' } = vmi.metadata ?? {};
    const phase = phaseOf(vmi);
    const found = new Map<string, PersistentVolumeClaimInfo>();
    if (phase !== 'Pending' && phase !== 'Scheduling') return found;
    for (const { claimName } of claimUses(vmi)) {
      let claim = caches.claims.get(`${namespace}/${claimName}`);
      // A claim that is bound with its first pod has no size in the cache yet when the pod is ready.
      if (claim !== undefined && claim.status?.phase !== 'Bound' && phase === 'Scheduling')
        claim = await client.get<PersistentVolumeClaim>(pvcPath(namespace, claimName));
      if (claim !== undefined) found.set(claimName, claimInfo(claim));
    }
    return found;
  }

  private async livePods(vmi: VirtualMachineInstance): Promise<Pod[]> {
    const { namespace, uid } = vmi.metadata ?? {};
    const query = { labelSelector: `${Label.createdBy}=${uid ?? ''}` };
    const { items } = await this.context.client.list<Pod>(podPath(namespace), { query });
    return items.filter((pod) => isOwnedBy(pod, uid));
  }

  /** Creates the pod and plans on with it, so that pod and phase cost one write of the VMI. */
  private async createPod(view: VmiView): Promise<VmiPlan> {
    const { client } = this.context;
    const { namespace, name, uid } = view.vmi.metadata ?? {};
    const live = await client.get<VirtualMachineInstance>(vmiPath(namespace, name));
    const { deletionTimestamp, uid: liveUid } = live.metadata ?? {};
    if (liveUid !== uid || deletionTimestamp !== undefined || phaseOf(live) !== 'Pending') {
      // The cache is behind; its next event brings us back.
      const after = view.vmi;
      return { createPod: false, deletePods: [], after, events: [], assumesNoPod: false, requeueAfterMs: 500 };
    }
    const pod = await this.ensurePod(view.vmi, view.claims ?? new Map());
    return decideVmi({ ...view, pods: [pod] });
  }

  private async ensurePod(vmi: VirtualMachineInstance, claims: LauncherContext['claims']): Promise<Pod> {
    const { client, recorder } = this.context;
    const { namespace, uid } = vmi.metadata ?? {};
    const name = launcherPodName(vmi);
    try {
      const built = buildLauncherPod(vmi, { ...(await this.launcherContext(namespace ?? '')), claims });
      const metadata = { ...built.metadata, generateName: undefined, name };
      const pod = await client.create<Pod>(podPath(namespace), { ...built, metadata });
      recorder.event(vmi, 'Normal', 'SuccessfulCreate', `Created virtual machine pod ${name}`);
      return pod;
    } catch (error) {
      if (isAlreadyExists(error)) {
        const pod = await client.get<Pod>(podPath(namespace, name));
        if (isOwnedBy(pod, uid)) return pod;
      }
      await this.tellFailedCreate(vmi, `Error creating pod ${name}: ${errorMessage(error)}`);
      throw error;
    }
  }

  private async tellFailedCreate(vmi: VirtualMachineInstance, message: string): Promise<void> {
    const { namespace, name } = vmi.metadata ?? {};
    this.context.recorder.event(vmi, 'Warning', 'FailedCreate', message);
    const condition = { type: 'Synchronized', status: 'False', reason: 'FailedCreate', message } as const;
    const conditions = withCondition(vmi.status?.conditions, condition, timestamp(this.context.clock.now()));
    const after = { ...vmi, status: { ...vmi.status, conditions } };
    await patchDifference(this.context, vmiPath(namespace, name), vmi, after);
  }

  private async launcherContext(namespace: string): Promise<Omit<LauncherContext, 'claims'>> {
    const { client, settings, config } = this.context;
    const [{ items: quotas }, owner] = await Promise.all([
      client.list<Quota>(resourceQuotaPath(namespace)),
      client.get<{ metadata?: { labels?: Record<string, string> } }>(namespacePath(namespace)),
    ]);
    const limits = (resource: string): boolean =>
      quotas.some(({ spec }) => spec?.hard?.[`limits.${resource}`] !== undefined);
    return {
      config: config(),
      launcherImage: settings.launcherImage,
      imagePullPolicy: settings.imagePullPolicy,
      namespaceHasMemoryQuota: limits('memory'),
      namespaceHasCpuQuota: limits('cpu'),
      namespaceLabels: owner.metadata?.labels ?? {},
      unprivilegedPortsSysctl: settings.unprivilegedPortsSysctl,
    };
  }

  private async deletePod(vmi: VirtualMachineInstance, pod: Pod): Promise<void> {
    const { client, recorder } = this.context;
    const { namespace, name, uid } = pod.metadata ?? {};
    try {
      await client.delete(podPath(namespace, name), { uid });
      // The second time, for a pod that has ended on its way out, is no news.
      if (!isDeleting(pod)) {
        recorder.event(vmi, 'Normal', 'SuccessfulDelete', `Deleted virtual machine pod ${name ?? ''}`);
      }
    } catch (error) {
      if (isNotFound(error) || isConflict(error)) return;
      const message = `Error deleting virtual machine pod ${name ?? ''}: ${errorMessage(error)}`;
      recorder.event(vmi, 'Warning', 'FailedDelete', message);
      throw error;
    }
  }

  /** The cache says that the node is not there, and so does the API server. */
  private async nodeGone(vmi: VirtualMachineInstance): Promise<boolean> {
    const node = vmi.status?.nodeName;
    if (!node || !isHandedOver(vmi) || this.context.caches.nodes.get(node)) return false;
    try {
      await this.context.client.get(nodePath(node));
      return false;
    } catch (error) {
      if (isNotFound(error)) return true;
      throw error;
    }
  }

  private ownerGone(vmi: VirtualMachineInstance): boolean {
    const { namespace, name, ownerReferences = [] } = vmi.metadata ?? {};
    const owner = ownerReferences.find(({ kind, controller }) => kind === 'VirtualMachine' && controller === true);
    if (!owner) return true;
    const vm = this.context.caches.vms.get(`${namespace ?? ''}/${owner.name || name || ''}`);
    return vm?.metadata?.uid !== owner.uid;
  }
}

/** The key of the VMI that a pod or a VM's VMI belongs to. */
export const ownerKey = (
  object: { metadata?: VirtualMachineInstance['metadata'] },
  kind: string,
): string | undefined => {
  const { namespace, ownerReferences = [] } = object.metadata ?? {};
  const owner = ownerReferences.find((reference) => reference.kind === kind && reference.controller === true);
  return owner && `${namespace ?? ''}/${owner.name}`;
};
