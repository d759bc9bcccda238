import { timestamp } from '../../api/timestamp.js';
import { findCondition, withCondition, withoutCondition } from '../../api/vmi/condition.js';
import { gracePeriod } from '../../api/vmi/grace-period.js';
import { enterPhase, isDeleting, isFinal, isHandedOver, phaseOf, phaseTime } from '../../api/vmi/phase.js';
import type { Phase } from '../../api/vmi/phase.js';
import { Finalizer } from '../../api/names.js';
import type { VirtualMachineInstance } from '../../api/schema/kinds.js';
import type { PersistentVolumeClaimInfo } from '../../api/schema/volume-migration.js';
import type { EventType } from '../../kube/events.js';
import type { Pod } from '../../kube/types.js';
import type { ClaimProblem } from './claims.js';
import { handOver } from '../hand-over.js';
import { imagePullProblem, readyCondition, setConditions, unschedulable } from './conditions.js';
import { identityOf, isLauncherPodOf, launcherContainers, podChange } from './launcher-identity.js';
import { isReadyForHandOver, podFailure } from './launcher-pods.js';
import { mountQuestionIn } from './pod-mounts.js';
import { withEvacuation, withReady, withRemoval } from './status-from-pod.js';
import { isEvictedByKubelet, podRemoval } from './pod-removal.js';
import type { DataVolumeProblem } from '../data-volumes/readiness.js';
import type { SlimPod } from '../cache-transforms.js';

/** Everything that a decision about a VMI depends on. */
export interface VmiView {
  vmi: VirtualMachineInstance;
  /** The VMI's pod (`launcher-identity.ts`), or none. */
  pods: SlimPod[];
  /** The VMI's node is no longer in the cluster. */
  nodeGone: boolean;
  /** There is no VM that owns the VMI: nobody else takes the VM's finalizer off. */
  ownerGone: boolean;
  /** The pod waits for a node by settings that are no longer the cluster's (KVM asked for, or not). */
  podOutdated?: boolean | undefined;
  /** Why a volume of the pod cannot be mounted, while it is so. */
  mountProblem?: string | undefined;
  /** Why the VMI cannot have its pod yet, as far as its claims go. */
  dataVolumeProblem?: DataVolumeProblem | undefined;
  claimProblem?: ClaimProblem | undefined;
  /** What is known of the claims, by name; read when the VMI is handed over. */
  claims?: ReadonlyMap<string, PersistentVolumeClaimInfo> | undefined;
  /** Milliseconds since 1970. */
  now: number;
}

export interface VmiPlan {
  createPod: boolean;
  /** There has to be a pod that binds the VMI's claims (`data-volumes/binding-pod.ts`), or there may have been one. */
  bindingPod?: 'needed' | 'done';
  deletePods: SlimPod[];
  /** The VMI as it should be; the difference is one patch. */
  after: VirtualMachineInstance;
  events: { type: EventType; reason: string; message: string }[];
  /** The plan holds only if the VMI really has no pod: ask the API server, the cache may be late. */
  assumesNoPod: boolean;
  requeueAfterMs?: number;
}

/** How long a pod may outlive its guest by itself; then it is removed. The entrypoint needs a second or two. */
const LINGER_MS = 30_000;
/** How long the agent may take to tell how a guest ended whose pod has ended; then the pod's exit code tells. */
const AGENT_MS = 60_000;
/** How often a pod that waits for its volumes is asked why. */
const ASK_AGAIN_MS = 10_000;

/** What to do about a VMI. Pure. Phases and who changes them: spec/domain.md §9.1. */
export const decideVmi = (view: VmiView): VmiPlan => {
  const { vmi } = view;
  if (isFinal(vmi)) return ended(view);
  if (isDeleting(vmi) && !isHandedOver(vmi)) return abandoned(view);
  switch (phaseOf(vmi)) {
    case 'Pending':
      return pending(view);
    case 'Scheduling':
      return scheduling(view);
    default:
      return handedOver(view);
  }
};

const plan = (view: VmiView, more: Partial<VmiPlan> = {}): VmiPlan => ({
  createPod: false,
  deletePods: [],
  after: view.vmi,
  events: [],
  assumesNoPod: false,
  ...more,
});

const newest = (pods: SlimPod[]): SlimPod | undefined =>
  pods.toSorted((left, right) => Number(isDeleting(left)) - Number(isDeleting(right)))[0];

/** The VMI in this phase, with Ready and the other conditions that follow from it. */
const move = (view: VmiView, phase: Phase, pod: Pod | undefined): VirtualMachineInstance => {
  const now = timestamp(view.now);
  const status = enterPhase(view.vmi.status, phase, now);
  const moved = { ...view.vmi, status };
  return {
    ...moved,
    status: { ...status, conditions: withCondition(status.conditions, readyCondition(moved, pod), now) },
  };
};

/** The end that the controller declares: nobody else can. */
const fail = (view: VmiView, phase: 'Failed' | 'Succeeded', why: { reason: string; message: string }): VmiPlan => {
  const after = move(view, phase, undefined);
  const { reason, message } = why;
  const conditions =
    phase === 'Failed'
      ? withCondition(
          after.status?.conditions,
          { type: 'Synchronized', status: 'False', reason, message },
          timestamp(view.now),
        )
      : after.status?.conditions;
  const type = phase === 'Failed' ? 'Warning' : 'Normal';
  return plan(view, {
    after: { ...after, status: { ...after.status, reason, conditions } },
    events: [{ type, reason: phase === 'Failed' ? reason : 'Stopped', message }],
  });
};

/** How soon to look again for the end of a pod that is replaced; the watch tells too. */
const REPLACED_MS = 2_000;

const pending = (view: VmiView): VmiPlan => {
  const pod = newest(view.pods);
  if (pod && (view.podOutdated === true || isDeleting(pod))) {
    return plan(view, { deletePods: isDeleting(pod) ? [] : [pod], requeueAfterMs: REPLACED_MS });
  }
  if (!pod && view.dataVolumeProblem !== undefined)
    return { ...filling(view, view.dataVolumeProblem), assumesNoPod: true };
  if (!pod && view.claimProblem !== undefined) return { ...held(view, view.claimProblem), assumesNoPod: true };
  const waited = findCondition(view.vmi.status?.conditions, DATA_VOLUMES_READY) !== undefined;
  if (!pod) {
    const bindingPod = waited ? ({ bindingPod: 'done' } as const) : {};
    return plan(view, { createPod: true, ...bindingPod, assumesNoPod: true, after: withOwnFinalizer(view.vmi) });
  }
  const after = withOwnFinalizer(withIdentity(move(view, 'Scheduling', pod), pod));
  // A note about an earlier, failed attempt to create the pod.
  const conditions = withoutCondition(after.status?.conditions, 'Synchronized');
  return plan(view, {
    after: setConditions(after, waited ? withCondition(conditions, FILLED, timestamp(view.now)) : conditions),
  });
};

/** In the same write as the phase: from then on no other pod is the VMI's. What was recorded of this one stays as it is. */
const withIdentity = (vmi: VirtualMachineInstance, pod: SlimPod): VirtualMachineInstance =>
  isLauncherPodOf(vmi, pod) ? vmi : { ...vmi, status: { ...vmi.status, launcherPod: identityOf(pod) } };

const DATA_VOLUMES_READY = 'DataVolumesReady';
const FILLED = {
  type: DATA_VOLUMES_READY,
  status: 'True',
  reason: 'AllDVsReady',
  message: 'All of its DataVolumes are filled',
} as const;

/** Waiting for what its DataVolumes bring: a condition (spec/control.md §5.3), and an event when they have a problem. */
const filling = (view: VmiView, { reason, message, waitsForPod }: DataVolumeProblem): VmiPlan => {
  const content = { type: DATA_VOLUMES_READY, status: 'False', reason: 'NotAllDVsReady', message } as const;
  const failed = reason === 'DataVolumeFailed';
  const kept = failed ? held(view, { reason, message }) : plan(view, { after: withOwnFinalizer(view.vmi) });
  const before = kept.after.status?.conditions;
  const conditions = failed ? before : withoutCondition(before, 'Synchronized');
  const after = setConditions(kept.after, withCondition(conditions, content, timestamp(view.now)));
  return { ...kept, after, ...(waitsForPod ? { bindingPod: 'needed' as const } : {}) };
};

/** Waiting for its claims; told once as long as it is for the same reason. The watch of claims and VMIs brings it back. */
const held = (view: VmiView, { reason, message }: { reason: string; message: string }): VmiPlan => {
  const before = view.vmi.status?.conditions;
  const told = findCondition(before, 'Synchronized')?.message === message;
  const content = { type: 'Synchronized', status: 'False', reason, message } as const;
  const after = setConditions(view.vmi, withCondition(before, content, timestamp(view.now)));
  return plan(view, { after: withOwnFinalizer(after), events: told ? [] : [{ type: 'Warning', reason, message }] });
};

/** The mutating webhook adds it; a VMI that came past it would leave its pod's end to chance. */
const withOwnFinalizer = (vmi: VirtualMachineInstance): VirtualMachineInstance => {
  const finalizers = vmi.metadata?.finalizers ?? [];
  if (finalizers.includes(Finalizer.vmi)) return vmi;
  return { ...vmi, metadata: { ...vmi.metadata, finalizers: [...finalizers, Finalizer.vmi] } };
};

const scheduling = (view: VmiView): VmiPlan => {
  const pod = newest(view.pods);
  if (!pod) {
    const why = { reason: 'PodGone', message: 'the virt-launcher pod was removed before the guest started' };
    return { ...fail(view, 'Failed', why), assumesNoPod: true };
  }
  // Back to Pending first, in a write of its own: whoever is killed after that finds a pod to replace, not a lost one.
  if (view.podOutdated === true) return plan(view, { after: move(view, 'Pending', pod), requeueAfterMs: 0 });
  const failure = podFailure(pod);
  if (failure) return fail(view, 'Failed', failure);
  const change = podChange(view.vmi, pod);
  if (change !== undefined) {
    return { ...fail(view, 'Failed', { reason: 'PodChanged', message: change }), deletePods: [pod] };
  }
  if (isReadyForHandOver(pod)) return ready(view, pod);
  const after = waiting(view, pod);
  const told = findCondition(view.vmi.status?.conditions, 'Synchronized')?.message;
  const message = findCondition(after.status?.conditions, 'Synchronized')?.message;
  // kubelet tells of a pull on its own; of a mount it tells the pod only.
  const news = view.mountProblem !== undefined && message !== undefined && message !== told;
  const events: VmiPlan['events'] = news ? [{ type: 'Warning', reason: 'FailedMount', message }] : [];
  const question = mountQuestionIn(pod, view.now);
  const requeueAfterMs = question === 0 ? ASK_AGAIN_MS : question;
  return plan(view, { after, events, ...(requeueAfterMs === undefined ? {} : { requeueAfterMs }) });
};

const ready = (view: VmiView, pod: SlimPod): VmiPlan => {
  const containers = launcherContainers(view.vmi, pod);
  if (typeof containers !== 'string') {
    return plan(view, { after: handOver(move(view, 'Scheduled', pod), pod, containers, view.claims) });
  }
  return fail(view, 'Failed', { reason: 'ContainerUnknown', message: containers });
};

/** Still scheduling: tell what the pod waits for. */
const waiting = (view: VmiView, pod: Pod): VirtualMachineInstance => {
  const now = timestamp(view.now);
  const after = move(view, 'Scheduling', pod);
  let conditions = after.status?.conditions;
  const scheduled = unschedulable(pod);
  conditions = scheduled ? withCondition(conditions, scheduled, now) : withoutCondition(conditions, 'PodScheduled');
  const pull = imagePullProblem(pod) ?? failedMount(view);
  if (!pull) return setConditions(after, withoutCondition(conditions, 'Synchronized'));
  const told = findCondition(conditions, 'Synchronized');
  // kubelet alternates between the two: the first names the cause, the second says that it goes on. Follow it once.
  if (told?.reason === 'ImagePullBackOff') return setConditions(after, conditions);
  const message = told?.reason === 'ErrImagePull' ? (told.message ?? pull.message) : pull.message;
  const { reason } = pull;
  return setConditions(
    after,
    withCondition(conditions, { type: 'Synchronized', status: 'False', reason, message }, now),
  );
};

const failedMount = ({ mountProblem }: VmiView): { reason: string; message: string } | undefined =>
  mountProblem === undefined ? undefined : { reason: 'FailedMount', message: mountProblem };

/** Scheduled or Running: the agent's; we watch over its pod, its node and its readiness. */
const handedOver = (view: VmiView): VmiPlan => {
  const { vmi, pods, now } = view;
  const pod = newest(pods);
  if (!pod) {
    const why = { reason: 'PodGone', message: 'the virt-launcher pod of the guest no longer exists' };
    return { ...fail(view, 'Failed', why), assumesNoPod: true };
  }
  if (view.nodeGone) {
    return fail(view, 'Failed', { reason: 'NodeGone', message: `node ${vmi.status?.nodeName ?? ''} was removed` });
  }
  if (isFinal(pod)) return endedUnseen(view, pod);
  const told = withRemoval(view, withEvacuation(view, withReady(view, pod)), pod);
  if (!isDeleting(vmi)) return plan(view, told);
  // The agent stops the guest. When nothing has come of that for long, the pod's own SIGTERM does (design §7).
  const deadline = Date.parse(vmi.metadata?.deletionTimestamp ?? '') + gracePeriod(vmi) * 1000 + AGENT_MS;
  if (now < deadline) return plan(view, { ...told, requeueAfterMs: deadline - now });
  return plan(view, { ...told, deletePods: pods.filter((other) => !isDeleting(other)) });
};

const endedUnseen = (view: VmiView, pod: Pod): VmiPlan => {
  const times = (pod.status?.containerStatuses ?? []).flatMap(({ state }) => state?.terminated?.finishedAt ?? []);
  const since = Math.max(0, ...times.map((time) => Date.parse(time)));
  // Of an eviction kubelet's word is the last one; without a time there is nothing to wait from.
  const left = isEvictedByKubelet(pod) ? 0 : since + AGENT_MS - view.now;
  if (left > 0) return plan(view, { ...withReady(view, pod), requeueAfterMs: left });
  if (pod.status?.phase === 'Succeeded') {
    const removal = isDeleting(view.vmi) ? undefined : podRemoval(pod);
    const message = 'The VirtualMachineInstance was shut down.';
    return fail(view, 'Succeeded', { reason: removal?.reason ?? 'PodEnded', message });
  }
  return fail(view, 'Failed', podFailure(pod) ?? { reason: 'PodFailed', message: 'the virt-launcher pod failed' });
};

/**
 * Pods that a deletion removes now: those that nobody has deleted yet, and those that have ended meanwhile. The API server
 * removes an ended pod at once, even one that is going already; kubelet takes up to a minute (old ones) for the same.
 */
const removable = (pods: SlimPod[]): SlimPod[] => pods.filter((pod) => !isDeleting(pod) || isFinal(pod));

/** Deleted before an agent had it: nothing runs that would need a graceful end. */
const abandoned = (view: VmiView): VmiPlan => {
  if (view.pods.length > 0) return plan(view, { deletePods: removable(view.pods) });
  return plan(view, { after: released(view, move(view, 'Failed', undefined)), assumesNoPod: true });
};

const ended = (view: VmiView): VmiPlan => {
  const { vmi, pods, now } = view;
  const pod = newest(pods);
  if (isDeleting(vmi) && pods.length === 0) return plan(view, { after: released(view, vmi), assumesNoPod: true });
  const told = withRemoval(view, isDeleting(vmi) ? { after: vmi, events: [] } : withReady(view, pod), pod);
  // An ended pod stays for its logs as long as its VMI does.
  const finished = isDeleting(vmi) ? pods.filter(isFinal) : [];
  const active = pods.filter((other) => !isFinal(other) && !isDeleting(other));
  if (active.length === 0) return plan(view, { ...told, deletePods: finished });
  // Its guest is off, so the pod ends by itself in a moment; then its removal takes no time (see removable).
  const since = Date.parse(phaseTime(vmi, phaseOf(vmi) as Phase) ?? '') || 0;
  const left = since + LINGER_MS - now;
  return left > 0
    ? plan(view, { ...told, deletePods: finished, requeueAfterMs: left })
    : plan(view, { ...told, deletePods: [...finished, ...active] });
};

/** Our finalizer goes when the pods are gone; the VM's too when there is no VM that would take it off. */
const released = (view: VmiView, vmi: VirtualMachineInstance): VirtualMachineInstance => {
  const keep = (vmi.metadata?.finalizers ?? []).filter(
    (finalizer) => finalizer !== Finalizer.vmi && !(view.ownerGone && finalizer === Finalizer.vm),
  );
  return { ...vmi, metadata: { ...vmi.metadata, finalizers: keep } };
};
