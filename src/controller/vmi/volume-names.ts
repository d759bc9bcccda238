import type { VirtualMachineInstance } from '../../api/schema/kinds.js';
import { heldImages, sharedDirectories, volumeLabel } from '../../launcher/index.js';

/** Text about a pod with the VM's own names of its volumes: kubelet and API server know them by the pod's. */
export const inVolumeNames = ({ spec }: VirtualMachineInstance, text: string): string => {
  const names = new Map((spec.volumes ?? []).map(({ name }) => [volumeLabel('volume', name), name]));
  return text.replace(/"([a-z0-9-]{1,63})"/g, (quoted, label: string) => {
    const name = names.get(label);
    return name === undefined ? quoted : `"${name}"`;
  });
};

/** What a container of the pod is to the VM's owner: an image of a volume, or of its kernel, or one of ours. */
export const containerOwner =
  (vmi: VirtualMachineInstance) =>
  (container: string): string =>
    [...heldImages(vmi), ...sharedDirectories(vmi)].find((each) => each.container === container)?.owner ??
    `container ${container}`;
