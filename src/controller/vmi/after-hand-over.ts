import { gracePeriod } from '../../api/vmi/grace-period.js';
import { isDeleting, isFinal, phaseOf } from '../../api/vmi/phase.js';
import type { Pod } from '../../kube/types.js';
import { livenessFailure, wasToldToStop } from './liveness.js';
import { endedImage } from './ended-image.js';
import { podFailure } from './launcher-pods.js';
import { withEvacuation, withReady, withRemoval } from './status-from-pod.js';
import { isEvictedByKubelet, podRemoval } from './pod-removal.js';
import { type VmiView, type VmiPlan, plan, newest, fail } from './plan.js';

/** How long the agent may take to report how a guest ended whose pod has ended; then the pod's exit code decides. */
const AGENT_MS = 60_000;
/**
 * How long after an image's container a guest that ended before anybody saw it run, and its pod, may take to say so.
 */
const IMAGE_MS = 20_000;

/** Scheduled or Running: the agent's; we watch over its pod, its node and its readiness. */
export const handedOver = (view: VmiView): VmiPlan => {
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
  const reported = withRemoval(view, withEvacuation(view, withReady(view, pod)), pod);
  if (!isDeleting(vmi)) return withoutImage(view, pod) ?? plan(view, reported);
  // The agent stops the guest. When nothing has come of that for long, the pod's own SIGTERM does.
  const deadline = Date.parse(vmi.metadata?.deletionTimestamp ?? '') + gracePeriod(vmi) * 1000 + AGENT_MS;
  if (now < deadline) return plan(view, { ...reported, requeueAfterMs: deadline - now });
  return plan(view, { ...reported, deletePods: pods.filter((other) => !isDeleting(other)) });
};

/**
 * A guest that has not started cannot any more. One that runs keeps its open disk; one that has just ended takes its
 * images with it, which the agent and then the pod report first.
 */
const withoutImage = (view: VmiView, pod: Pod): VmiPlan | undefined => {
  const ended = phaseOf(view.vmi) === 'Scheduled' ? endedImage(view.vmi, pod) : undefined;
  if (ended === undefined) return undefined;
  const left = ended.since + IMAGE_MS - view.now;
  return left > 0 ? plan(view, { ...withReady(view, pod), requeueAfterMs: left }) : fail(view, 'Failed', ended);
};

const endedUnseen = (view: VmiView, pod: Pod): VmiPlan => {
  const times = (pod.status?.containerStatuses ?? []).flatMap(({ state }) => state?.terminated?.finishedAt ?? []);
  const since = Math.max(0, ...times.map((time) => Date.parse(time)));
  // kubelet's report of an eviction is final; without a time there is nothing to count from.
  const left = isEvictedByKubelet(pod) ? 0 : since + AGENT_MS - view.now;
  if (left > 0) return plan(view, { ...withReady(view, pod), requeueAfterMs: left });
  const notAlive = livenessFailure(view.vmi, pod);
  if (notAlive !== undefined) return fail(view, 'Failed', notAlive);
  if (pod.status?.phase === 'Succeeded' || (wasToldToStop(pod) && podRemoval(pod) !== undefined)) {
    const removal = isDeleting(view.vmi) ? undefined : podRemoval(pod);
    const message = 'The VirtualMachineInstance was shut down.';
    return fail(view, 'Succeeded', { reason: removal?.reason ?? 'PodEnded', message });
  }
  return fail(view, 'Failed', podFailure(pod) ?? { reason: 'PodFailed', message: 'the virt-launcher pod failed' });
};
