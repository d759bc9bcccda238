import { findCondition, isTrue } from '../../api/vmi/condition.js';
import type { ConditionContent } from '../../api/vmi/condition.js';
import { isDeleting, isFinal, phaseOf } from '../../api/vmi/phase.js';
import type { VirtualMachineInstance } from '../../api/schema/kinds.js';
import type { Pod } from '../../kube/types.js';

/** Reasons and messages that clients of this API look for: docs/reference/control.md §5.3. */
export const GUEST_NOT_RUNNING = {
  reason: 'GuestNotRunning',
  message: 'Guest VM is not reported as running',
} as const;
export const POD_TERMINATING = {
  reason: 'PodTerminating',
  message: 'virt-launcher pod is terminating',
} as const;
const POD_NOT_EXISTS = {
  reason: 'PodNotExists',
  message: 'virt-launcher pod has not yet been scheduled',
} as const;

const notReady = (reason: string, message: string): ConditionContent => ({
  type: 'Ready',
  status: 'False',
  reason,
  message,
});

export const setConditions = (
  vmi: VirtualMachineInstance,
  conditions: NonNullable<VirtualMachineInstance['status']>['conditions'],
): VirtualMachineInstance => ({ ...vmi, status: { ...vmi.status, conditions } });

/** The VMI's Ready condition (docs/reference/domain.md §9.2). */
export const readyCondition = (vmi: VirtualMachineInstance, pod: Pod | undefined): ConditionContent => {
  if (!pod) return notReady(POD_NOT_EXISTS.reason, POD_NOT_EXISTS.message);
  // Its guest is asked to power off, and its pod ends with it.
  const isEnding = isDeleting(pod) || (isDeleting(vmi) && !isFinal(vmi));
  if (isEnding) return notReady(POD_TERMINATING.reason, POD_TERMINATING.message);
  if (isFinal(vmi) || phaseOf(vmi) !== 'Running') return notReady(GUEST_NOT_RUNNING.reason, GUEST_NOT_RUNNING.message);
  if (isTrue(vmi.status?.conditions, 'Paused')) return notReady('GuestPaused', 'Guest VM is paused');
  const ready = findCondition(pod.status?.conditions, 'Ready');
  if (!ready) return notReady('PodConditionMissing', 'virt-launcher pod is missing the Ready condition');
  const status = ready.status === 'True' ? 'True' : 'False';
  return { type: 'Ready', status, reason: ready.reason, message: ready.message };
};

const NOT_PULLED = 'cannot be pulled; check its name, tag, registry and pull secret';
/** Clients know two reasons; kubelet's others mean nearly the same to a user, who is told what to do. */
const PULLS: Readonly<Record<string, { readonly reason: string; readonly remedy: string }>> = {
  ErrImagePull: { reason: 'ErrImagePull', remedy: NOT_PULLED },
  ImagePullBackOff: { reason: 'ImagePullBackOff', remedy: NOT_PULLED },
  ErrImageNeverPull: {
    reason: 'ErrImagePull',
    remedy: 'is not on the node, and its pull policy is Never; load it there, or write another policy',
  },
  InvalidImageName: { reason: 'ErrImagePull', remedy: 'has no valid name' },
};

/**
 * What kubelet waits for when it cannot pull an image of the pod.
 * @param owner what a container is to the user; absent: a container of its name
 */
export const imagePullProblem = (
  pod: Pod,
  owner = (container: string): string => `container ${container}`,
): { reason: string; message: string } | undefined => {
  const statuses = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  for (const { name, image = '', state } of statuses) {
    const { reason = '', message } = state?.waiting ?? {};
    const pull = Object.hasOwn(PULLS, reason) ? PULLS[reason] : undefined;
    if (pull === undefined) continue;
    return { reason: pull.reason, message: `${owner(name)}: image ${image} ${pull.remedy}: ${message ?? reason}` };
  }
  return undefined;
};

/** The scheduler's report that no node fits; undefined while there is none. */
export const unschedulable = (pod: Pod): ConditionContent | undefined => {
  const scheduled = findCondition(pod.status?.conditions, 'PodScheduled');
  if (scheduled?.status !== 'False') return undefined;
  return { type: 'PodScheduled', status: 'False', reason: scheduled.reason, message: scheduled.message };
};

/** The webhook marked the VMI when its pod was to be evicted (docs/reference/admission.md §13). */
export const evacuationCondition = ({
  status,
  spec,
}: VirtualMachineInstance): (ConditionContent & { reason: string; message: string }) | undefined => {
  const node = status?.evacuationNodeName;
  if (!node) return undefined;
  const next =
    spec.evictionStrategy === 'External' ? 'your own controller is asked to move or stop the VM' : 'the VM is to move';
  return {
    type: 'EvictionRequested',
    status: 'True',
    reason: 'EvictionRequested',
    message: `an eviction was requested on node ${node}: ${next}`,
  };
};
