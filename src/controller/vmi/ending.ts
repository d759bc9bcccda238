import { isTrue } from '../../api/vmi/condition.js';
import { isDeleting, isFinal, phaseOf, phaseTime, type Phase } from '../../api/vmi/phase.js';
import { Finalizer } from '../../api/names.js';
import type { VirtualMachineInstance } from '../../api/schema/kinds.js';
import { withKilledForMemory } from './killed-for-memory.js';
import { withReady, withRemoval } from './status-from-pod.js';
import type { SlimPod } from '../cache-transforms.js';
import { type VmiView, type VmiPlan, plan, newest, move } from './plan.js';

/** How long a pod may outlive its guest by itself; then it is removed. The entrypoint needs a second or two. */
const LINGER_MS = 30_000;

/**
 * Pods that a deletion removes now: those that nobody has deleted yet, and those that have ended meanwhile. The API
 * server removes an ended pod at once, even one that is being deleted already; kubelet takes up to a minute (old ones)
 * for the same.
 */
const removable = (pods: SlimPod[]): SlimPod[] => pods.filter((pod) => !isDeleting(pod) || isFinal(pod));

/** Deleted before an agent had it: nothing runs that would need a graceful end. */
export const abandoned = (view: VmiView): VmiPlan => {
  if (view.pods.length > 0) return plan(view, { deletePods: removable(view.pods) });
  return plan(view, { after: released(view, move(view, 'Failed', undefined)), assumesNoPod: true });
};

export const ended = (view: VmiView): VmiPlan => {
  const { vmi, pods, now } = view;
  const pod = newest(pods);
  if (isDeleting(vmi) && pods.length === 0) return plan(view, { after: released(view, vmi), assumesNoPod: true });
  // Of one that is deleted it is the agent's word that stays, unless there was none: one write less at every stop.
  const keeps = isDeleting(vmi) && !isTrue(vmi.status?.conditions, 'Ready');
  const ready = keeps ? { after: vmi, events: [] } : withReady(view, pod);
  const reported = withKilledForMemory(view, withRemoval(view, ready, pod), pod);
  // An ended pod stays for its logs as long as its VMI does.
  const finished = isDeleting(vmi) ? pods.filter(isFinal) : [];
  const active = pods.filter((other) => !isFinal(other) && !isDeleting(other));
  if (active.length === 0) return plan(view, { ...reported, deletePods: finished });
  // Its guest is off, so the pod ends by itself in a moment; then its removal takes no time (see removable).
  const since = Date.parse(phaseTime(vmi, phaseOf(vmi) as Phase) ?? '') || 0;
  const left = since + LINGER_MS - now;
  return left > 0
    ? plan(view, { ...reported, deletePods: finished, requeueAfterMs: left })
    : plan(view, { ...reported, deletePods: [...finished, ...active] });
};

/** Our finalizer is removed when the pods are deleted; the VM's too when there is no VM that would remove it. */
const released = (view: VmiView, vmi: VirtualMachineInstance): VirtualMachineInstance => {
  const keep = (vmi.metadata?.finalizers ?? []).filter(
    (finalizer) => finalizer !== Finalizer.vmi && !(view.ownerGone && finalizer === Finalizer.vm),
  );
  return { ...vmi, metadata: { ...vmi.metadata, finalizers: keep } };
};
