import type { VirtualMachineInstance } from '../../api/schema/kinds.js';
import { sharedVolumes } from '../../api/vmi/filesystems.js';
import type { Pod } from '../../kube/types.js';
import { containerDiskContainer, sharingContainer } from '../../launcher/index.js';
import { statusOf } from './launcher-pods.js';

interface EndedImage {
  readonly reason: 'PodFailed';
  readonly message: string;
  /** Milliseconds since 1970; 0: kubelet did not say. */
  readonly since: number;
}

/**
 * The container of a volume's image or of a file system that has ended in a pod that goes on, killed for memory or by
 * hand. kubelet starts no container of a launcher pod again, so a guest that does not run yet never will: without its
 * disk it cannot start.
 */
export const endedImage = (vmi: VirtualMachineInstance, pod: Pod): EndedImage | undefined => {
  for (const { container, what } of containersOf(vmi)) {
    const ended = statusOf(pod, container)?.state?.terminated;
    if (ended === undefined) continue;
    const why = [`exit code ${ended.exitCode}`, ended.reason].filter(Boolean).join(', ');
    const message = `pod ${pod.metadata?.name ?? ''}: the container ${container}, which ${what}, ended before the guest started (${why})`;
    return { reason: 'PodFailed', message, since: Date.parse(ended.finishedAt ?? '') || 0 };
  }
  return undefined;
};

const containersOf = ({ spec }: VirtualMachineInstance): { readonly container: string; readonly what: string }[] => [
  ...(spec.volumes ?? []).flatMap(({ name, containerDisk }) =>
    containerDisk === undefined
      ? []
      : { container: containerDiskContainer(name), what: `holds the image of volume ${name}` },
  ),
  ...sharedVolumes(spec).map(({ name }) => ({
    container: sharingContainer(name),
    what: `shares volume ${name} with the guest`,
  })),
];
