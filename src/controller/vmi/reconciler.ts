import { isDeleting, isHandedOver, phaseOf } from '../../api/vmi/phase.js';
import { claimNameOf, claimUses } from '../../api/vmi/claim-use.js';
import type { VirtualMachineInstance } from '../../api/schema/kinds.js';
import type { PersistentVolumeClaimInfo } from '../../api/schema/volume-migration.js';
import { ApiError, errorMessage, isAlreadyExists, isConflict, isNotFound } from '../../kube/client/api-error.js';
import { nodePath, podPath, pvcPath, vmiPath } from '../../kube/client/resources.js';
import type { PersistentVolumeClaim, Pod } from '../../kube/types.js';
import type { Outcome } from '../../kube/work/work-queue.js';
import { buildLauncherPod, type LauncherPod, launcherPodName } from '../../launcher/index.js';
import { claimInfo, claimProblem, type ClaimProblem } from './claims.js';
import type { ControllerContext } from '../context.js';
import { Index } from '../indices.js';
import { patchDifference } from '../patch-difference.js';
import { BEHIND } from '../superseded.js';
import { isOutdated } from './launcher-pods.js';
import { isLauncherPodOf, isLeftoverOf, lacksIdentity } from './launcher-identity.js';
import { nameTaken, notOurs, recognize, reportNotRecognized } from './launcher-adoption.js';
import { GoingPods } from './going-pods.js';
import { renewedIn } from './missing-content.js';
import { failedCreate, refusedPlan, tellFailedCreate } from './pod-creation.js';
import { schedulingNotes } from './scheduling-notes.js';
import { mountProblem, mountQuestionIn } from './pod-mounts.js';
import { bindingPodName, buildBindingPod } from '../data-volumes/binding-pod.js';
import { cloneProblem, type DataVolumeProblem, dataVolumeProblem } from '../data-volumes/readiness.js';
import { type SlimPod, slimPod } from '../cache-transforms.js';
import { launcherContext, nodeLabels } from './launcher-context.js';
import { isOwnerGone } from '../owner-key.js';
import { SOON, unlessGone } from '../passes.js';
import { decideVmi } from './decision.js';
import { stateProblem } from './state-claim.js';
import type { VmiPlan, VmiView } from './plan.js';

/** How soon to look again after the end of a pod that is deleted and was never recorded: nothing else wakes us. */
const UNRECORDED_MS = 2_000;
/** How soon to look again at a pod that the cache does not show. */
const UNSEEN_MS = 10_000;
/** How soon to look again at a VM whose pod was not recognized: only its end, or a user, changes that. */
const NOT_RECOGNIZED_MS = 60_000;

/**
 * VirtualMachineInstance → launcher pod, phases up to the hand-over, the end, finalizers (docs/reference/domain.md
 * §9.1).
 */
export class VirtualMachineInstanceReconciler {
  private readonly going = new GoingPods(() => this.context.clock.now());

  constructor(private readonly context: ControllerContext) {}

  async reconcile(key: string): Promise<Outcome | undefined> {
    const vmi = this.context.caches.vmis.get(key);
    if (!vmi) return undefined;
    if (this.context.superseded.has(vmi)) return BEHIND;
    return unlessGone(() => this.act(vmi));
  }

  private async act(vmi: VirtualMachineInstance): Promise<Outcome> {
    if (lacksIdentity(vmi)) return this.actOnEarlier(vmi);
    return this.decide(vmi, vmi, this.cachedPods(vmi));
  }

  /** @param stored as the cache has it @param vmi with what this pass has found out already; written with the rest */
  private async decide(stored: VirtualMachineInstance, vmi: VirtualMachineInstance, pods: SlimPod[]): Promise<Outcome> {
    let view: VmiView = {
      vmi,
      pods,
      nodeGone: await this.nodeGone(vmi),
      ownerGone: isOwnerGone(this.context.caches.vms, vmi),
      podOutdated: pods.some((pod) => this.isOutdated(vmi, pod)),
      mountProblem: await this.mountProblem(vmi, pods),
      scheduling: await schedulingNotes(this.context, vmi, pods),
      dataVolumeProblem: this.dataVolumeProblem(vmi),
      claimProblem: (await stateProblem(this.context, vmi)) ?? this.claimProblem(vmi),
      claims: await this.claims(vmi),
      now: this.context.clock.now(),
    };
    let plan = decideVmi(view);
    if (plan.assumesNoPod) {
      const live = await this.livePods(vmi);
      if (live.length > 0) {
        plan = decideVmi((view = { ...view, pods: live }));
        // Where the cache never shows it (its label was taken off), nothing else brings us back.
        plan.requeueAfterMs = Math.min(plan.requeueAfterMs ?? UNSEEN_MS, UNSEEN_MS);
      }
    }
    if (plan.bindingPod === 'needed') await this.createBindingPod(vmi);
    if (plan.bindingPod === 'done') await this.deleteBindingPod(vmi);
    if (plan.createPod) plan = await this.createPod(view);
    for (const pod of plan.deletePods) await this.deletePod(vmi, pod);
    await this.save(stored, plan);
    // Of a pod that is not recorded no event wakes its VMI.
    const unrecorded = view.pods.length > 0 && vmi.status?.launcherPod === undefined && isDeleting(vmi);
    return { requeueAfterMs: unrecorded ? UNRECORDED_MS : plan.requeueAfterMs };
  }

  private isOutdated(vmi: VirtualMachineInstance, pod: SlimPod): boolean {
    const { config, caches, clock } = this.context;
    if (renewedIn(vmi, pod, clock.now()) === 0) return true;
    return isOutdated(vmi, pod, () => ({ useEmulation: config().useEmulation, nodes: nodeLabels(caches) }));
  }

  /** A VMI of a version that recorded no pod: its pod is recognized by what it is, or not at all. */
  private async actOnEarlier(vmi: VirtualMachineInstance): Promise<Outcome> {
    const context = {
      ...(await launcherContext(this.context, vmi.metadata?.namespace ?? '')),
      claims: await this.claims(vmi, true),
    };
    const found = await this.find(vmi);
    const built = buildLauncherPod(vmi, context);
    const recognized = recognize(vmi, found, built, this.context.settings.earlierLauncherImages);
    if (recognized.do === 'none') return this.decide(vmi, vmi, []);
    if (recognized.do === 'take') return this.decide(vmi, recognized.vmi, [recognized.pod]);
    await this.save(vmi, reportNotRecognized(vmi, recognized.message, this.context.clock.now()));
    return { requeueAfterMs: NOT_RECOGNIZED_MS };
  }

  private async save(vmi: VirtualMachineInstance, plan: VmiPlan): Promise<void> {
    const { namespace, name } = vmi.metadata ?? {};
    await patchDifference(this.context, vmiPath(namespace, name), vmi, plan.after);
    // After the write: an event reports a transition that has happened.
    for (const { type, reason, message } of plan.events) this.context.recorder.event(vmi, type, reason, message);
  }

  private cachedPods(vmi: VirtualMachineInstance): SlimPod[] {
    const pod = this.context.caches.pods.get(`${vmi.metadata?.namespace ?? ''}/${launcherPodName(vmi)}`);
    return pod !== undefined && (isLauncherPodOf(vmi, pod) || isLeftoverOf(vmi, pod)) ? [this.going.seen(pod)] : [];
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
    const pod = buildBindingPod(vmi, {
      ...(await launcherContext(this.context, namespace)),
      claims: await this.claims(vmi),
    });
    try {
      await this.context.client.create(podPath(namespace), pod);
    } catch (error) {
      if (isAlreadyExists(error)) return;
      await tellFailedCreate(this.context, vmi, failedCreate(bindingPodName(vmi), error));
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
  private async claims(vmi: VirtualMachineInstance, always = false): Promise<Map<string, PersistentVolumeClaimInfo>> {
    const { caches, client } = this.context;
    const { namespace = '' } = vmi.metadata ?? {};
    const phase = phaseOf(vmi);
    const found = new Map<string, PersistentVolumeClaimInfo>();
    if (!always && phase !== 'Pending' && phase !== 'Scheduling') return found;
    for (const { claimName } of claimUses(vmi)) {
      let claim = caches.claims.get(`${namespace}/${claimName}`);
      // A claim that is bound with its first pod has no size in the cache yet when the pod is ready.
      if (claim !== undefined && claim.status?.phase !== 'Bound' && phase === 'Scheduling')
        claim = await client.get<PersistentVolumeClaim>(pvcPath(namespace, claimName));
      if (claim !== undefined) found.set(claimName, claimInfo(claim));
    }
    return found;
  }

  private async livePods(vmi: VirtualMachineInstance): Promise<SlimPod[]> {
    const found = await this.find(vmi);
    const pod = found && slimPod(found);
    return pod !== undefined && (isLauncherPodOf(vmi, pod) || isLeftoverOf(vmi, pod)) ? [pod] : [];
  }

  /** The pod of the VMI's name, whichever program created it, as the API server has it. */
  private async find(vmi: VirtualMachineInstance): Promise<Pod | undefined> {
    try {
      return await this.context.client.get<Pod>(podPath(vmi.metadata?.namespace, launcherPodName(vmi)));
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
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
      return { createPod: false, deletePods: [], after, events: [], assumesNoPod: false, ...SOON };
    }
    const claims = view.claims ?? new Map<string, PersistentVolumeClaimInfo>();
    const context = { ...(await launcherContext(this.context, namespace ?? '')), claims };
    const built = buildLauncherPod(view.vmi, context);
    try {
      return decideVmi({ ...view, pods: [await this.ensurePod(view.vmi, built)] });
    } catch (error) {
      const refused = refusedPlan(view, error, built.spec.containers);
      if (refused !== undefined) return refused;
      if (error instanceof ApiError)
        await tellFailedCreate(this.context, view.vmi, failedCreate(launcherPodName(view.vmi), error));
      throw error;
    }
  }

  private async ensurePod(vmi: VirtualMachineInstance, built: LauncherPod): Promise<SlimPod> {
    const { client, recorder } = this.context;
    const name = launcherPodName(vmi);
    try {
      const metadata = { ...built.metadata, generateName: undefined, name };
      const pod = await client.create<Pod>(podPath(vmi.metadata?.namespace), { ...built, metadata });
      recorder.event(vmi, 'Normal', 'SuccessfulCreate', `Created virtual machine pod ${name}`);
      return slimPod(pod);
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
    }
    return this.takeExisting(vmi, built);
  }

  /** We were killed between the create call and the record of it, or another program has taken the name. */
  private async takeExisting(vmi: VirtualMachineInstance, built: LauncherPod): Promise<SlimPod> {
    const pod = await this.find(vmi);
    if (pod === undefined)
      throw new ApiError({ code: 409, reason: 'Conflict', message: 'the pod has just been deleted' });
    const foreign = notOurs(vmi, pod, built);
    if (foreign === undefined) return slimPod(pod);
    const message = nameTaken(pod, foreign);
    await tellFailedCreate(this.context, vmi, message);
    throw new Error(message);
  }

  private async deletePod(vmi: VirtualMachineInstance, pod: SlimPod): Promise<void> {
    const { client, recorder } = this.context;
    const { namespace, name, uid } = pod.metadata ?? {};
    try {
      await client.delete(podPath(namespace, name), { uid });
      this.going.mark(pod);
      // The second deletion, of a pod that has ended while it was being deleted, is not reported.
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
}
