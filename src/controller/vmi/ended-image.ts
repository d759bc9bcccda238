import type { VirtualMachineInstance } from '../../api/schema/kinds.js';
import type { Pod } from '../../kube/types.js';
import { heldImages, sharedDirectories } from '../../launcher/index.js';
import { statusOf } from './launcher-pods.js';

interface EndedImage {
  readonly reason: 'PodFailed';
  readonly message: string;
  /** Milliseconds since 1970; 0: kubelet did not say. */
  readonly since: number;
}

/**
 * The container of an image or a shared directory that has ended in a pod that goes on, killed for memory or by hand.
 * kubelet starts no container of a launcher pod again, so a guest that does not run yet never will: without its disk or
 * kernel it cannot start.
 */
export const endedImage = (vmi: VirtualMachineInstance, pod: Pod): EndedImage | undefined => {
  const all = [
    ...heldImages(vmi).map(({ container, owner }) => ({ container, does: `holds the image of ${owner}` })),
    ...sharedDirectories(vmi).map(({ container, owner }) => ({ container, does: `shares ${owner} with the guest` })),
  ];
  for (const { container, does } of all) {
    const ended = statusOf(pod, container)?.state?.terminated;
    if (ended === undefined) continue;
    const why = [`exit code ${ended.exitCode}`, ended.reason].filter(Boolean).join(', ');
    const message = `pod ${pod.metadata?.name ?? ''}: the container ${container}, which ${does}, ended before the guest started (${why})`;
    return { reason: 'PodFailed', message, since: Date.parse(ended.finishedAt ?? '') || 0 };
  }
  return undefined;
};
