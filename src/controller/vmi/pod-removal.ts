import { LIVENESS_FAILED } from '../../agent-api/instance-end.js';
import { findCondition } from '../../api/vmi/condition.js';
import { isDeleting, isFinal, phaseOf, phaseTime } from '../../api/vmi/phase.js';
import type { VirtualMachineInstance } from '../../api/schema/kinds.js';
import type { Pod } from '../../kube/types.js';

/*
 * Pods that are removed while their guest was not to stop: evicted, preempted, deleted. The guest powers off as on
 * any other request, so its VMI ends as Succeeded; `status.reason` and an event report why it ended, and
 * RerunOnFailure counts it as no end of its own (docs/reference/density-and-cpu.md §6.5).
 */

/** Reasons of the end of a VMI, in `status.reason` and as an event's. */
const REASONS = ['Evicted', 'Preempted', 'PodDeleted'] as const;

export interface Removal {
  readonly reason: (typeof REASONS)[number];
  readonly message: string;
}

/** kubelet's own eviction, when the node lacks memory or disk: no grace period, and no webhook or budget is asked. */
export const isEvictedByKubelet = (pod: Pod): boolean =>
  pod.status?.phase === 'Failed' && pod.status.reason === 'Evicted';

/** Why the pod is removed; undefined: it is not, or has ended by itself. */
export const podRemoval = (pod: Pod): Removal | undefined => {
  const name = pod.metadata?.name ?? '';
  if (isEvictedByKubelet(pod)) {
    return { reason: 'Evicted', message: `pod ${name} was evicted: ${pod.status?.message ?? 'no reason was given'}` };
  }
  // Kubernetes 1.26 and newer say who wanted it.
  const target = findCondition(pod.status?.conditions, 'DisruptionTarget');
  if (target?.status === 'True') {
    const why = target.message ?? target.reason ?? 'no reason was given';
    return target.reason === 'PreemptionByScheduler'
      ? { reason: 'Preempted', message: `pod ${name} is preempted, its guest powers off: ${why}` }
      : { reason: 'Evicted', message: `pod ${name} is evicted, its guest powers off: ${why}` };
  }
  if (!isDeleting(pod)) return undefined;
  return { reason: 'PodDeleted', message: `pod ${name} was evicted or deleted: its guest powers off` };
};

/** The deletion was asked for before that time. Times of the API are whole seconds. */
const isGoingSince = ({ metadata }: Pod, time: string | undefined): boolean => {
  const { deletionTimestamp, deletionGracePeriodSeconds = 0 } = metadata ?? {};
  if (deletionTimestamp === undefined || time === undefined) return true;
  return Date.parse(deletionTimestamp) - deletionGracePeriodSeconds * 1000 <= Date.parse(time) + 1000;
};

/** What has to be reported of the pod's removal and has not been yet. */
export const removalEvents = (vmi: VirtualMachineInstance, pod: Pod | undefined): Removal | undefined => {
  if (pod === undefined) return undefined;
  const removal = podRemoval(pod);
  const reported = vmi.status?.reason;
  if (removal === undefined || reported === removal.reason) return undefined;
  switch (phaseOf(vmi)) {
    case 'Failed':
      // The agent saw QEMU killed and called it a crash; kubelet reports afterwards that it killed it. Or nobody had
      // told the agent yet that it was the pod that was removed, not its guest that did not answer.
      return isEvictedByKubelet(pod) || (reported === LIVENESS_FAILED && isGoingSince(pod, phaseTime(vmi, 'Failed')))
        ? removal
        : undefined;
    case 'Succeeded':
      return reported === undefined && !isDeleting(vmi) && isGoingSince(pod, phaseTime(vmi, 'Succeeded'))
        ? removal
        : undefined;
    default:
      return isDeleting(vmi) ? undefined : removal;
  }
};

const isTold = (reason: string | undefined): boolean => REASONS.some((known) => known === reason);

/** An eviction was announced (DisruptionTarget) and did not happen: the guest runs on. */
export const isWithdrawn = (vmi: VirtualMachineInstance, pod: Pod | undefined): boolean =>
  !isFinal(vmi) && pod !== undefined && isTold(vmi.status?.reason) && podRemoval(pod) === undefined;

/** The guest powered off because its pod was removed: no user asked the VM to stop. */
export const endedWithItsPod = ({ status }: VirtualMachineInstance): boolean =>
  status?.phase === 'Succeeded' && isTold(status.reason);
