import { isDeleting, isFinal } from '../../api/vmi/phase.js';
import { DeviceResource } from '../../api/names.js';
import type { VirtualMachineInstance } from '../../api/schema/kinds.js';
import { asksForOtherProfile, COMPUTE_CONTAINER } from '../../launcher/index.js';
import type { ContainerStatus, Pod } from '../../kube/types.js';
import { killedForMemory } from './killed-for-memory.js';
import { isEvictedByKubelet } from './pod-removal.js';

/** As kubelet reports it; undefined: not yet. */
export const statusOf = (pod: Pod, container: string): ContainerStatus | undefined =>
  pod.status?.containerStatuses?.find(({ name }) => name === container);

/** Why the pod will not run this VMI any more; undefined: it still may. */
export const podFailure = (pod: Pod): { reason: string; message: string } | undefined => {
  const name = pod.metadata?.name ?? '';
  const compute = statusOf(pod, COMPUTE_CONTAINER)?.state?.terminated;
  const killed = killedForMemory(pod);
  if (killed !== undefined) return killed;
  if (pod.status?.phase === 'Failed') {
    const why = pod.status.message ?? pod.status.reason ?? terminatedText(pod);
    const how = isEvictedByKubelet(pod) ? 'was evicted' : 'failed';
    return { reason: pod.status.reason ?? 'PodFailed', message: `pod ${name} ${how}: ${why}` };
  }
  if (pod.status?.phase === 'Succeeded') {
    return { reason: 'PodEnded', message: `pod ${name} ended before the guest started` };
  }
  if (compute) {
    return { reason: 'PodFailed', message: `pod ${name}: compute ended with exit code ${compute.exitCode}` };
  }
  if (isDeleting(pod)) return { reason: 'PodDeleted', message: `pod ${name} was deleted before the guest started` };
  return undefined;
};

const terminatedText = (pod: Pod): string => {
  const statuses = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  const ended = statuses.flatMap(({ name, state }) => {
    const terminated = state?.terminated;
    if (!terminated || terminated.exitCode === 0) return [];
    const detail = terminated.message ?? terminated.reason ?? '';
    return [`container ${name} ended with exit code ${terminated.exitCode} ${detail}`.trimEnd()];
  });
  return ended.join('; ') || 'no reason was given';
};

/** Containers that need only run: their readiness comes with the guest, or is not ours. */
const ONLY_RUNNING = [COMPUTE_CONTAINER, 'istio-proxy'];

/** The agent may take over: the pod runs and every image's container is ready (docs/reference/domain.md §9.1). */
export const isReadyForHandOver = (pod: Pod): boolean => {
  const containers = pod.spec?.containers ?? [];
  return (
    pod.status?.phase === 'Running' &&
    !isDeleting(pod) &&
    Boolean(pod.spec?.nodeName) &&
    Boolean(pod.status.podIP) &&
    containers.every(({ name }) => {
      const status = statusOf(pod, name);
      if (status?.state?.running === undefined) return false;
      return ONLY_RUNNING.includes(name) || status.ready === true;
    })
  );
};

export interface Today {
  readonly useEmulation: boolean;
  readonly nodes: readonly Readonly<Record<string, string>>[];
}

/**
 * No node has taken the pod yet, and it asks for KVM though emulation is allowed by now, or the other way round; or for
 * the seccomp profile of a version whose agents no longer exist, or for none although there is one by now.
 */
export const isOutdated = (vmi: VirtualMachineInstance, pod: Pod, today: () => Today): boolean => {
  if (pod.spec?.nodeName || isDeleting(pod) || isFinal(pod)) return false;
  const compute = pod.spec?.containers?.find(({ name }) => name === COMPUTE_CONTAINER);
  if (compute === undefined) return false;
  const asksForKvm = compute.resources?.limits?.[DeviceResource.kvm] !== undefined;
  const { useEmulation, nodes } = today();
  return asksForKvm === useEmulation || asksForOtherProfile(vmi, pod.spec?.nodeSelector ?? {}, nodes);
};

/** The image of the compute container, as the node knows it. */
export const launcherImage = (pod: Pod): string | undefined =>
  pod.spec?.containers?.find(({ name }) => name === COMPUTE_CONTAINER)?.image;
