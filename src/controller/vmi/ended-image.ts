import type { VirtualMachineInstance } from '../../api/schema/kinds.js';
import type { Pod } from '../../kube/types.js';
import { heldImages } from '../../launcher/index.js';
import { statusOf } from './launcher-pods.js';

interface EndedImage {
  readonly reason: 'PodFailed';
  readonly message: string;
  /** Milliseconds since 1970; 0: kubelet did not say. */
  readonly since: number;
}

/**
 * The container of an image that has ended in a pod that goes on, killed for memory or by hand. kubelet starts
 * no container of a launcher pod again, so a guest that does not run yet never will: without its disk or kernel it
 * cannot start.
 */
export const endedImage = (vmi: VirtualMachineInstance, pod: Pod): EndedImage | undefined => {
  for (const { container, owner } of heldImages(vmi)) {
    const ended = statusOf(pod, container)?.state?.terminated;
    if (ended === undefined) continue;
    const why = [`exit code ${ended.exitCode}`, ended.reason].filter(Boolean).join(', ');
    const message = `pod ${pod.metadata?.name ?? ''}: the container ${container}, which holds the image of ${owner}, ended before the guest started (${why})`;
    return { reason: 'PodFailed', message, since: Date.parse(ended.finishedAt ?? '') || 0 };
  }
  return undefined;
};
