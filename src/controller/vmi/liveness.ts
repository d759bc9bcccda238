import { LIVENESS_FAILED, LIVENESS_MESSAGE, TOLD_TO_STOP } from '../../agent-api/instance-end.js';
import { isDeleting } from '../../api/vmi/phase.js';
import type { VirtualMachineInstance } from '../../api/schema/kinds.js';
import { COMPUTE_CONTAINER } from '../../launcher/index.js';
import type { Pod } from '../../kube/types.js';
import { statusOf } from './launcher-pods.js';
import { podRemoval } from './pod-removal.js';

/*
 * kubelet ends the container of a guest that does not answer its liveness probe, and the pod stays: nothing in the
 * pod's status says why. Whoever is told to stop, though nobody has deleted or evicted the pod, was told so for the
 * probe. The agent mostly says it first; this is for one that was away.
 */

export const wasToldToStop = (pod: Pod): boolean =>
  statusOf(pod, COMPUTE_CONTAINER)?.state?.terminated?.exitCode === TOLD_TO_STOP;

/** Undefined: something else ended the pod, or it has not ended. */
export const livenessFailure = (
  vmi: VirtualMachineInstance,
  pod: Pod,
): { readonly reason: typeof LIVENESS_FAILED; readonly message: string } | undefined =>
  vmi.spec.livenessProbe !== undefined && !isDeleting(vmi) && wasToldToStop(pod) && podRemoval(pod) === undefined
    ? { reason: LIVENESS_FAILED, message: LIVENESS_MESSAGE }
    : undefined;
