import { timestamp } from '../../api/timestamp.js';
import { findCondition, withCondition, withoutCondition } from '../../api/vmi/condition.js';
import type { VirtualMachineInstance } from '../../api/schema/kinds.js';
import type { Pod } from '../../kube/types.js';
import { evacuationCondition, readyCondition, setConditions } from './conditions.js';
import { isWithdrawn, removalEvents } from './pod-removal.js';
import type { VmiPlan, VmiView } from './plan.js';

/*
 * What a VMI's status reports of its pod while the agent manages it and after its end: readiness, a request to evict
 * it, its removal. Each step takes the result of the ones before it.
 */

export type PlanSoFar = Pick<VmiPlan, 'after' | 'events'>;

export const withReady = ({ vmi, now }: VmiView, pod: Pod | undefined): PlanSoFar => ({
  after: setConditions(vmi, withCondition(vmi.status?.conditions, readyCondition(vmi, pod), timestamp(now))),
  events: [],
});

/** The webhook has marked the VMI because its pod was to be evicted: report it where users look. */
export const withEvacuation = ({ vmi, now }: VmiView, { after, events }: PlanSoFar): PlanSoFar => {
  const wanted = evacuationCondition(vmi);
  const conditions = after.status?.conditions;
  if (wanted === undefined) {
    return { after: setConditions(after, withoutCondition(conditions, 'EvictionRequested')), events };
  }
  const isNews = findCondition(conditions, wanted.type) === undefined;
  const { reason, message } = wanted;
  return {
    after: setConditions(after, withCondition(conditions, wanted, timestamp(now))),
    events: isNews ? [...events, { type: 'Normal', reason, message }] : events,
  };
};

const withReason = (vmi: VirtualMachineInstance, reason: string | undefined): VirtualMachineInstance => ({
  ...vmi,
  status: { ...vmi.status, reason },
});

/** The pod is removed: why, in status and event; of a VMI that has failed it is the cause. */
export const withRemoval = ({ vmi, now }: VmiView, { after, events }: PlanSoFar, pod: Pod | undefined): PlanSoFar => {
  const removal = removalEvents(vmi, pod);
  if (removal === undefined) return { after: isWithdrawn(vmi, pod) ? withReason(after, undefined) : after, events };
  const { reason, message } = removal;
  const cause = { type: 'Synchronized', status: 'False', reason, message } as const;
  const caused =
    vmi.status?.phase === 'Failed'
      ? setConditions(after, withCondition(after.status?.conditions, cause, timestamp(now)))
      : after;
  return { after: withReason(caused, reason), events: [...events, { type: 'Warning', reason, message }] };
};
