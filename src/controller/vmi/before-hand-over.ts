import { timestamp } from '../../api/timestamp.js';
import { findCondition, withCondition, withoutCondition } from '../../api/vmi/condition.js';
import { isDeleting } from '../../api/vmi/phase.js';
import { Finalizer } from '../../api/names.js';
import type { VirtualMachineInstance } from '../../api/schema/kinds.js';
import type { Pod } from '../../kube/types.js';
import { handOver } from '../hand-over.js';
import { imagePullProblem, setConditions, unschedulable } from './conditions.js';
import { identityOf, isLauncherPodOf, launcherContainers, podChange } from './launcher-identity.js';
import { endedImage } from './ended-image.js';
import { isReadyForHandOver, podFailure } from './launcher-pods.js';
import { missingSince, mountProblemOf, renewedIn } from './missing-content.js';
import { mountQuestionIn, waitsForMounts } from './pod-mounts.js';
import { withRoom } from './scheduling-notes.js';
import { containerOwner } from './volume-names.js';
import type { DataVolumeProblem } from '../data-volumes/readiness.js';
import type { SlimPod } from '../cache-transforms.js';
import { type VmiView, type VmiPlan, plan, newest, move, fail } from './plan.js';

/** How often a pod that waits for its volumes is asked why. */
const ASK_AGAIN_MS = 10_000;

/** How soon to check again whether a pod that is replaced has ended; the watch reports it too. */
const REPLACED_MS = 2_000;

export const pending = (view: VmiView): VmiPlan => {
  const pod = newest(view.pods);
  if (pod && (view.podOutdated === true || isDeleting(pod))) {
    return plan(view, { deletePods: isDeleting(pod) ? [] : [pod], requeueAfterMs: REPLACED_MS });
  }
  if (!pod && view.dataVolumeProblem !== undefined)
    return { ...filling(view, view.dataVolumeProblem), assumesNoPod: true };
  if (!pod && view.claimProblem !== undefined) {
    const again = 'requeueAfterMs' in view.claimProblem ? { requeueAfterMs: view.claimProblem.requeueAfterMs } : {};
    return { ...held(view, view.claimProblem), assumesNoPod: true, ...again };
  }
  const waited = findCondition(view.vmi.status?.conditions, DATA_VOLUMES_READY) !== undefined;
  if (!pod) {
    const bindingPod = waited ? ({ bindingPod: 'done' } as const) : {};
    return plan(view, { createPod: true, ...bindingPod, assumesNoPod: true, after: withOwnFinalizer(view.vmi) });
  }
  const after = withOwnFinalizer(withIdentity(move(view, 'Scheduling', pod), pod));
  // A note about an earlier, failed attempt to create the pod; what its volumes lack, only kubelet can say.
  const before = after.status?.conditions;
  const conditions = missingSince(view.vmi) === undefined ? withoutCondition(before, 'Synchronized') : before;
  return plan(view, {
    after: setConditions(after, waited ? withCondition(conditions, FILLED, timestamp(view.now)) : conditions),
  });
};

/**
 * In the same write as the phase: from then on no other pod is the VMI's. What was recorded of this one stays as it is.
 */
const withIdentity = (vmi: VirtualMachineInstance, pod: SlimPod): VirtualMachineInstance =>
  isLauncherPodOf(vmi, pod) ? vmi : { ...vmi, status: { ...vmi.status, launcherPod: identityOf(pod) } };

const DATA_VOLUMES_READY = 'DataVolumesReady';
const FILLED = {
  type: DATA_VOLUMES_READY,
  status: 'True',
  reason: 'AllDVsReady',
  message: 'All of its DataVolumes are filled',
} as const;

/**
 * Waiting for what its DataVolumes bring: a condition (docs/reference/control.md §5.3), and an event when they have a
 * problem.
 */
const filling = (view: VmiView, { reason, message, waitsForPod }: DataVolumeProblem): VmiPlan => {
  const content = { type: DATA_VOLUMES_READY, status: 'False', reason: 'NotAllDVsReady', message } as const;
  const failed = reason === 'DataVolumeFailed';
  const kept = failed ? held(view, { reason, message }) : plan(view, { after: withOwnFinalizer(view.vmi) });
  const before = kept.after.status?.conditions;
  const conditions = failed ? before : withoutCondition(before, 'Synchronized');
  const after = setConditions(kept.after, withCondition(conditions, content, timestamp(view.now)));
  return { ...kept, after, ...(waitsForPod ? { bindingPod: 'needed' as const } : {}) };
};

/**
 * Waits for its claims; reported once as long as it waits for the same reason. The watch of claims and VMIs enqueues it
 * again.
 */
const held = (view: VmiView, { reason, message }: { reason: string; message: string }): VmiPlan => {
  const before = view.vmi.status?.conditions;
  const reported = findCondition(before, 'Synchronized')?.message === message;
  const content = { type: 'Synchronized', status: 'False', reason, message } as const;
  const after = setConditions(view.vmi, withCondition(before, content, timestamp(view.now)));
  return plan(view, { after: withOwnFinalizer(after), events: reported ? [] : [{ type: 'Warning', reason, message }] });
};

/** The mutating webhook adds it; for a VMI created without it, nothing would ensure that its pod ends. */
const withOwnFinalizer = (vmi: VirtualMachineInstance): VirtualMachineInstance => {
  const finalizers = vmi.metadata?.finalizers ?? [];
  if (finalizers.includes(Finalizer.vmi)) return vmi;
  return { ...vmi, metadata: { ...vmi.metadata, finalizers: [...finalizers, Finalizer.vmi] } };
};

export const scheduling = (view: VmiView): VmiPlan => {
  const pod = newest(view.pods);
  if (!pod) {
    const why = { reason: 'PodGone', message: 'the virt-launcher pod was removed before the guest started' };
    return { ...fail(view, 'Failed', why), assumesNoPod: true };
  }
  // Back to Pending first, in a write of its own: a controller that is killed after that finds, when restarted, a pod
  // to replace, not a lost one.
  if (view.podOutdated === true) return plan(view, { after: move(view, 'Pending', pod), requeueAfterMs: 0 });
  const failure = podFailure(pod) ?? endedImage(view.vmi, pod);
  if (failure) return fail(view, 'Failed', failure);
  const change = podChange(view.vmi, pod);
  if (change !== undefined) {
    return { ...fail(view, 'Failed', { reason: 'PodChanged', message: change }), deletePods: [pod] };
  }
  if (isReadyForHandOver(pod)) return ready(view, pod);
  const after = waiting(view, pod);
  const reported = findCondition(view.vmi.status?.conditions, 'Synchronized')?.message;
  const message = findCondition(after.status?.conditions, 'Synchronized')?.message;
  // kubelet reports a pull in the pod's status, and in events of its own; what we found out, nobody else tells.
  const found = named(view);
  const isNew = found !== undefined && message === found.message && message !== reported;
  const events: VmiPlan['events'] = isNew ? [{ type: 'Warning', ...found }] : [];
  const question = mountQuestionIn(pod, view.now);
  const renewal = renewedIn(after, pod, view.now);
  const times = [question === 0 ? ASK_AGAIN_MS : question, renewal].filter((time) => time !== undefined);
  return plan(view, { after, events, ...(times.length === 0 ? {} : { requeueAfterMs: Math.min(...times) }) });
};

const ready = (view: VmiView, pod: SlimPod): VmiPlan => {
  const containers = launcherContainers(view.vmi, pod);
  if (typeof containers !== 'string') {
    return plan(view, { after: handOver(move(view, 'Scheduled', pod), pod, containers, view.claims) });
  }
  return fail(view, 'Failed', { reason: 'ContainerUnknown', message: containers });
};

/** Still scheduling: report what the pod waits for. */
const waiting = (view: VmiView, pod: Pod): VirtualMachineInstance => {
  const now = timestamp(view.now);
  const after = move(view, 'Scheduling', pod);
  let conditions = after.status?.conditions;
  const scheduled = unschedulable(pod);
  conditions = scheduled
    ? withCondition(conditions, withRoom(scheduled, view.scheduling?.room), now)
    : withoutCondition(conditions, 'PodScheduled');
  const pull =
    imagePullProblem(pod, containerOwner(view.vmi)) ??
    named(view) ??
    (waitsForMounts(pod) ? missingOnly(view) : undefined);
  if (!pull) return setConditions(after, withoutCondition(conditions, 'Synchronized'));
  const reported = findCondition(conditions, 'Synchronized');
  // kubelet alternates between the two: the first names the cause, the second says that it continues. Follow it once.
  if (reported?.reason === 'ImagePullBackOff') return setConditions(after, conditions);
  const message = reported?.reason === 'ErrImagePull' ? (reported.message ?? pull.message) : pull.message;
  const { reason } = pull;
  return setConditions(
    after,
    withCondition(conditions, { type: 'Synchronized', status: 'False', reason, message }, now),
  );
};

/** What keeps the pod, under the VM's own names. A mount that fails on the way to what is missing says no more. */
const named = (view: VmiView): { reason: string; message: string } | undefined => {
  if (view.scheduling?.unbound !== undefined) return view.scheduling.unbound;
  if (view.mountProblem === undefined) return undefined;
  const problem = mountProblemOf(view.vmi, view.mountProblem);
  return problem.reason === 'FailedMount' ? (missingOnly(view) ?? problem) : problem;
};

const missingOnly = ({ vmi }: VmiView): { reason: string; message: string } | undefined => {
  const missing = missingSince(vmi);
  return missing && { reason: missing.reason, message: missing.message };
};
