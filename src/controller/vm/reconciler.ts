import { timestamp } from '../../api/timestamp.js';
import { findCondition } from '../../api/vmi/condition.js';
import { isDeleting } from '../../api/vmi/phase.js';
import { Finalizer } from '../../api/names.js';
import { originAnnotations } from '../../instancetypes/expand.js';
import { hasMatchers } from '../../instancetypes/find.js';
import { sameValue } from '../../kube/client/patch.js';
import type { VirtualMachine, VirtualMachineInstance } from '../../api/schema/kinds.js';
import { ApiError, errorMessage, isAlreadyExists, isConflict, isNotFound } from '../../kube/client/api-error.js';
import type { DataVolumeTemplateSpec } from '../../api/schema/virtualmachine.js';
import { dataVolumePath, vmiPath, vmPath } from '../../kube/client/resources.js';
import type { Outcome } from '../../kube/work/work-queue.js';
import type { ControllerContext } from '../context.js';
import { patchDifference } from '../patch-difference.js';
import { BEHIND } from '../superseded.js';
import { buildDataVolume } from '../data-volumes/template.js';
import { storageViewOf } from '../data-volumes/vm-storage.js';
import { SOON } from '../passes.js';
import { adviceMessage } from './advice.js';
import { cardsOf, changeCards } from './cards.js';
import { decideVm, type VmPlan, type VmStep } from './decision.js';
import { buildInstance, isOwnedBy } from './instance.js';
import { captureRefs, keptRefs, tidyRevisions, type Refs } from './instancetype-revisions.js';
import { expandIn, isToBeExpanded, sized, tellOnce, type Sized } from './instancetypes.js';
import { restartRequired } from './restart-required.js';
import { vmStatus } from './status.js';

/** While the VMI settles, its next change wakes us; this is for the case that it does not come. */
const SETTLE_MS = 2_000;

const UNAUTHORIZED = 'UnauthorizedDataVolumeCreate';

interface Progress {
  vm: VirtualMachine;
  /** The VMI after our own writes. */
  vmi: VirtualMachineInstance | undefined;
  /** What its instance type and preference make of it. */
  readonly size: Sized;
  /** Of what it is made, as the status is to say. */
  refs: Refs;
  failure: { reason: string; message: string } | undefined;
  error: unknown;
  /** The VM is deleted, or being deleted with our finalizer. */
  released: boolean;
  /** A DataVolume is not made because a user lacks permission: checked again, because it may be granted. */
  refused: boolean;
}

/** A right that is given is no change of the VM, so nothing wakes us. */
const REFUSED_MS = 60_000;

/**
 * VirtualMachine → VirtualMachineInstance: run strategies, requests, back-off, status (docs/reference/domain.md §9.9 to
 * §9.12).
 */
export class VirtualMachineReconciler {
  constructor(private readonly context: ControllerContext) {}

  async reconcile(key: string): Promise<Outcome | undefined> {
    const { caches, clock } = this.context;
    const vm = caches.vms.get(key);
    if (!vm) return undefined;
    if (this.context.superseded.has(vm)) return BEHIND;
    if (hasMatchers(vm) && !this.context.instancetypes.hasSynced) return BEHIND;
    const named = caches.vmis.get(key);
    const vmi = named && isOwnedBy(named, vm.metadata?.uid) ? named : undefined;
    const foreign = named !== undefined && !vmi;
    const storage = storageViewOf(this.context.dataVolumes, vm);
    const config = this.context.config();
    const size = sized(vm, this.context.instancetypes, config);
    const unexpanded = isToBeExpanded(vm, size, config) ? await expandIn(this.context, vm, size) : undefined;
    if (unexpanded === 'done') return SOON;
    // What a restart would change, is not known.
    const restart = size.problem === undefined ? restartRequired(size.vm, vmi, config) : undefined;
    const cards = size.problem === undefined ? cardsOf(this.context, size.vm, vmi) : undefined;
    const view = { vm: size.vm, vmi, foreign, storage, restart, cards, unsized: size.problem };
    const plan = decideVm({ ...view, now: clock.now(), chance: clock.random() });
    const progress: Progress = {
      ...{ vm, vmi, size, refs: keptRefs(vm), failure: plan.blocked ?? unexpanded, error: undefined },
      ...{ released: false, refused: false },
    };
    if (size.problem !== undefined) tellOnce(this.context, vm, size.problem);
    try {
      await this.capture(plan, progress);
      for (const step of plan.steps) await this.take(step, plan, progress);
    } catch (error) {
      // Another program wrote first; the watch reports the change and triggers the next pass.
      if (isConflict(error)) return SOON;
      progress.error = error;
      progress.failure ??= { reason: 'FailedUpdate', message: errorMessage(error) };
    }
    if (plan.settling && progress.error === undefined) return { requeueAfterMs: SETTLE_MS };
    if (!progress.released && !(await this.saveStatus(plan, progress))) return SOON;
    for (const { type, reason, message } of plan.events) this.context.recorder.event(vm, type, reason, message);
    if (progress.error !== undefined) throw progress.error as Error;
    await tidyRevisions(this.context, progress.vm);
    return { requeueAfterMs: plan.requeueAfterMs ?? (progress.refused ? REFUSED_MS : undefined) };
  }

  /** The status says of what the VM is made before anything is made of it: what is changed meanwhile is not for it. */
  private async capture(plan: VmPlan, progress: Progress): Promise<void> {
    if (progress.size.problem !== undefined || isDeleting(progress.vm)) return;
    const refs = await captureRefs(this.context, progress.vm, progress.size.applied);
    const isKnown = sameValue(refs, keptRefs(progress.vm));
    progress.refs = refs;
    if (!isKnown && !(await this.saveStatus(plan, progress))) throw conflict('the status has been written by another');
  }

  private async take(step: VmStep, plan: VmPlan, progress: Progress): Promise<void> {
    switch (step.do) {
      case 'createDataVolume':
        await this.createDataVolume(progress, step.template);
        break;
      case 'create':
        progress.vmi = await this.create(progress, step.paused);
        break;
      case 'delete':
        progress.vmi = await this.delete(progress, step.vmi);
        break;
      case 'saveStatus':
        // What follows relies on it.
        if (!(await this.saveStatus(plan, progress))) throw conflict('the status has been written by another');
        break;
      case 'addFinalizer':
        progress.vm = await this.setFinalizers(progress.vm, (all) => [...all, Finalizer.vm]);
        break;
      case 'removeFinalizer':
        await this.removeFinalizer(progress);
        break;
      case 'becomeAlways':
        await this.becomeAlways(progress.vm);
        break;
      case 'changeCards':
        progress.vmi = await changeCards(this.context, step.vmi, step.cards);
        break;
      case 'release':
        await this.release(step.vmi);
        break;
    }
  }

  private async createDataVolume(progress: Progress, template: DataVolumeTemplateSpec): Promise<void> {
    const { client, recorder, authorizer } = this.context;
    const { vm } = progress;
    const name = template.metadata?.name ?? '';
    try {
      const authorization = await authorizer.authorize(vm, template);
      if ('refused' in authorization) {
        this.refuse(progress, `DataVolume ${name} is not created: ${authorization.refused}`);
        return;
      }
      await client.create(dataVolumePath(vm.metadata?.namespace), buildDataVolume(vm, authorization.template));
      recorder.event(vm, 'Normal', 'SuccessfulDataVolumeCreate', `Created DataVolume ${name}`);
    } catch (error) {
      // The cache did not show it yet.
      if (isAlreadyExists(error)) return;
      const message = `Error creating DataVolume ${name}: ${errorMessage(error)}`;
      // CDI checks whether we may clone what is in another namespace.
      const unauthorized = error instanceof ApiError && error.code === 403;
      const reason = unauthorized ? UNAUTHORIZED : 'FailedDataVolumeCreate';
      recorder.event(vm, 'Warning', reason, message);
      progress.failure = { reason, message };
      throw error;
    }
  }

  /** Said once: the condition keeps it, and the event is written when the condition changes. */
  private refuse(progress: Progress, message: string): void {
    const { vm } = progress;
    const before = findCondition(vm.status?.conditions, 'Failure');
    if (progress.failure === undefined && before?.message !== message)
      this.context.recorder.event(vm, 'Warning', UNAUTHORIZED, message);
    progress.failure ??= { reason: UNAUTHORIZED, message };
    progress.refused = true;
  }

  private async create(progress: Progress, paused: boolean): Promise<VirtualMachineInstance | undefined> {
    const { client, recorder } = this.context;
    const { vm } = progress;
    const { namespace, name } = vm.metadata ?? {};
    // The cache may still show a request that we have served, or a strategy that has been changed: look before acting.
    const live = await client.get<VirtualMachine>(vmPath(namespace, name));
    if (live.metadata?.resourceVersion !== vm.metadata?.resourceVersion)
      throw conflict('the VirtualMachine has changed');
    try {
      const { size } = progress;
      const instance = buildInstance(size.vm, paused, originAnnotations(size.applied));
      const created = await client.create<VirtualMachineInstance>(vmiPath(namespace), instance);
      const message = `Started the virtual machine by creating the new virtual machine instance ${name ?? ''}`;
      recorder.event(vm, 'Normal', 'SuccessfulCreate', message);
      const advice = adviceMessage(size.vm, this.context.config());
      if (advice !== undefined) recorder.event(vm, 'Normal', 'Advice', advice);
      return created;
    } catch (error) {
      if (isAlreadyExists(error)) return this.existing(vm);
      const message = `Error creating virtual machine instance: ${errorMessage(error)}`;
      recorder.event(vm, 'Warning', 'FailedCreate', message);
      progress.failure = { reason: 'FailedCreate', message };
      throw error;
    }
  }

  /** The cache did not show it yet. */
  private async existing(vm: VirtualMachine): Promise<VirtualMachineInstance> {
    const { namespace, name } = vm.metadata ?? {};
    const vmi = await this.context.client.get<VirtualMachineInstance>(vmiPath(namespace, name));
    if (isOwnedBy(vmi, vm.metadata?.uid)) return vmi;
    throw conflict(`VirtualMachineInstance ${name ?? ''} belongs to another owner`);
  }

  private async delete(progress: Progress, vmi: VirtualMachineInstance): Promise<VirtualMachineInstance> {
    const { client, recorder, clock } = this.context;
    const { namespace, name, uid } = vmi.metadata ?? {};
    try {
      await client.delete(vmiPath(namespace, name), { uid });
    } catch (error) {
      if (!isNotFound(error) && !isConflict(error)) {
        const message = `Error deleting virtual machine instance ${uid ?? ''}: ${errorMessage(error)}`;
        recorder.event(progress.vm, 'Warning', 'FailedDelete', message);
        progress.failure = { reason: 'FailedDelete', message };
      }
      if (!isNotFound(error)) throw error;
    }
    const message = `Stopped the virtual machine by deleting the virtual machine instance ${uid ?? ''}`;
    recorder.event(progress.vm, 'Normal', 'SuccessfulDelete', message);
    return { ...vmi, metadata: { ...vmi.metadata, deletionTimestamp: timestamp(clock.now()) } };
  }

  /** Only after asking the API server: the finalizer is the promise that no VMI is left. */
  private async removeFinalizer(progress: Progress): Promise<void> {
    const { vm } = progress;
    const orphan = vm.metadata?.finalizers?.includes('orphan') === true;
    const live = orphan ? undefined : await this.liveInstance(vm);
    if (live) throw conflict('the VirtualMachineInstance still exists');
    await this.setFinalizers(vm, (all) => all.filter((finalizer) => finalizer !== Finalizer.vm));
    progress.released = true;
  }

  private async liveInstance(vm: VirtualMachine): Promise<VirtualMachineInstance | undefined> {
    const { namespace, name, uid } = vm.metadata ?? {};
    try {
      const vmi = await this.context.client.get<VirtualMachineInstance>(vmiPath(namespace, name));
      return isOwnedBy(vmi, uid) ? vmi : undefined;
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  private setFinalizers(vm: VirtualMachine, change: (finalizers: string[]) => string[]): Promise<VirtualMachine> {
    const { namespace, name, finalizers = [] } = vm.metadata ?? {};
    const after = { ...vm, metadata: { ...vm.metadata, finalizers: change(finalizers) } };
    return patchDifference(this.context, vmPath(namespace, name), vm, after);
  }

  /** In the field that the manifest uses, so that the two never stand side by side. */
  private async becomeAlways(vm: VirtualMachine): Promise<void> {
    const { namespace, name, resourceVersion } = vm.metadata ?? {};
    const spec = vm.spec.runStrategy === undefined ? { running: true } : { runStrategy: 'Always' };
    await this.context.client.patch(vmPath(namespace, name), { metadata: { resourceVersion }, spec }, 'merge');
    throw conflict('the run strategy has just been changed');
  }

  private async release(vmi: VirtualMachineInstance): Promise<void> {
    const { namespace, name, finalizers = [] } = vmi.metadata ?? {};
    const keep = finalizers.filter((finalizer) => finalizer !== Finalizer.vm);
    try {
      const after = { ...vmi, metadata: { ...vmi.metadata, finalizers: keep } };
      await patchDifference(this.context, vmiPath(namespace, name), vmi, after);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  /** False when the status was written by another in the meantime. */
  private async saveStatus(plan: VmPlan, progress: Progress): Promise<boolean> {
    const { vm, vmi, failure, refs } = progress;
    const { namespace, name } = vm.metadata ?? {};
    const { clock, config } = this.context;
    const { vm: expanded } = progress.size;
    const input = { ...plan, vm, vmi, failure, refs, expanded, config: config(), now: timestamp(clock.now()) };
    const status = vmStatus(input);
    try {
      const path = vmPath(namespace, name, 'status');
      progress.vm = await patchDifference(this.context, path, vm, { ...vm, status });
      return true;
    } catch (error) {
      if (isNotFound(error)) return true;
      if (isConflict(error)) return false;
      throw error;
    }
  }
}

/** A look at the API server has shown that the decision was made on old knowledge. */
const conflict = (message: string): ApiError => new ApiError({ code: 409, reason: 'Conflict', message });
