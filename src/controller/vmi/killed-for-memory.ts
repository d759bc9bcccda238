import { ENDED_BY_FORCE, OOM_KILLED, oomMessage } from '../../agent-api/instance-end.js';
import { timestamp } from '../../api/timestamp.js';
import { withCondition } from '../../api/vmi/condition.js';
import { phaseOf } from '../../api/vmi/phase.js';
import { COMPUTE_CONTAINER } from '../../launcher/index.js';
import type { Pod } from '../../kube/types.js';
import { setConditions } from './conditions.js';
import type { VmiView } from './plan.js';
import type { PlanSoFar } from './status-from-pod.js';

/*
 * The kernel killed QEMU because the pod needed more memory than its limit, or the node had none. The agent mostly sees
 * it by the count of the pod's cgroup; where it was too late for that kubelet knows, and says so in the pod's status
 * once its containers have ended.
 */

interface Killed {
  readonly reason: typeof OOM_KILLED;
  readonly message: string;
}

/** What kubelet says of it; undefined: something else ended the pod, or it has not ended. */
export const killedForMemory = (pod: Pod): Killed | undefined => {
  const compute = pod.status?.containerStatuses?.find(({ name }) => name === COMPUTE_CONTAINER);
  if (compute?.state?.terminated?.reason !== 'OOMKilled') return undefined;
  const limit = pod.spec?.containers?.find(({ name }) => name === COMPUTE_CONTAINER)?.resources?.limits?.memory;
  return { reason: OOM_KILLED, message: oomMessage(limit) };
};

/** Of a VMI that has failed: the cause, unless a user ended it. */
export const withKilledForMemory = (
  { vmi, now }: VmiView,
  { after, events }: PlanSoFar,
  pod: Pod | undefined,
): PlanSoFar => {
  const killed = pod === undefined || phaseOf(vmi) !== 'Failed' ? undefined : killedForMemory(pod);
  const told = after.status?.reason;
  if (killed === undefined || told === killed.reason || told === ENDED_BY_FORCE) return { after, events };
  const { reason, message } = killed;
  const cause = { type: 'Synchronized', status: 'False', reason, message } as const;
  const caused = setConditions(after, withCondition(after.status?.conditions, cause, timestamp(now)));
  return {
    after: { ...caused, status: { ...caused.status, reason } },
    events: [...events, { type: 'Warning', reason, message }],
  };
};
