import { findCondition } from '../../api/vmi/condition.js';
import { eventPath } from '../../kube/client/resources.js';
import type { KubernetesObject, Pod } from '../../kube/types.js';
import type { KubeClient } from '../../kube/client/client.js';

/** An ordinary mount is done within this; a pod that waits longer is checked. */
const PATIENCE_MS = 4_000;
/** What kubelet says about its containers before their volumes are there. */
const WAITING = ['ContainerCreating', 'PodInitializing'];
/** kubelet's summary after two minutes; which volume and why is in the events before it. */
const SUMMARY = /^Unable to attach or mount volumes/;

interface PodEvent extends KubernetesObject {
  message?: string;
  lastTimestamp?: string | null;
}

/**
 * Milliseconds until a pod should be asked after its mounts: 0 now, undefined when it does not wait for any (it is not
 * scheduled, or a container has got further).
 */
export const mountQuestionIn = (pod: Pod, now: number): number | undefined => {
  const scheduled = findCondition(pod.status?.conditions, 'PodScheduled');
  if (scheduled?.status !== 'True' || pod.status?.phase !== 'Pending') return undefined;
  if (!waitsForMounts(pod)) return undefined;
  const since = Date.parse(scheduled.lastTransitionTime ?? '') || now;
  return Math.max(0, since + PATIENCE_MS - now);
};

/** None of its containers has got further than that. */
export const waitsForMounts = ({ status }: Pod): boolean => {
  const containers = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  const phase = status?.phase ?? 'Pending';
  return phase === 'Pending' && containers.every(({ state }) => WAITING.includes(state?.waiting?.reason ?? ''));
};

/**
 * Why a volume of the pod cannot be mounted (a Secret that does not exist, say): kubelet reports it in events only, so
 * they are read, once in a while and only for a pod that waits.
 */
export const mountProblem = async (client: Pick<KubeClient, 'list'>, pod: Pod): Promise<string | undefined> => {
  const { namespace, uid = '' } = pod.metadata ?? {};
  const query = { fieldSelector: `involvedObject.uid=${uid},reason=FailedMount` };
  const { items } = await client.list<PodEvent>(eventPath(namespace), { query });
  const newest = items.toSorted((a, b) => Date.parse(b.lastTimestamp ?? '') - Date.parse(a.lastTimestamp ?? ''));
  return (newest.find(({ message = '' }) => !SUMMARY.test(message)) ?? newest[0])?.message;
};
