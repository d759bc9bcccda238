import type { VirtualMachineInstance } from '../../api/schema/kinds.js';
import { containerDiskContainer, sharingContainer, volumeLabel } from '../../launcher/index.js';

/** Text about a pod with the VM's own names of its volumes: kubelet and API server know them by the pod's. */
export const inVolumeNames = ({ spec }: VirtualMachineInstance, text: string): string => {
  const names = new Map((spec.volumes ?? []).map(({ name }) => [volumeLabel('volume', name), name]));
  return text.replace(/"([a-z0-9-]{1,63})"/g, (quoted, label: string) => {
    const name = names.get(label);
    return name === undefined ? quoted : `"${name}"`;
  });
};

/** What a container of the pod is to the VM's owner: an image of a volume, or one of ours. */
export const containerOwner =
  ({ spec }: VirtualMachineInstance) =>
  (container: string): string => {
    const volume = (spec.volumes ?? []).find(({ name }) =>
      [containerDiskContainer(name), sharingContainer(name)].includes(container),
    );
    return volume === undefined ? `container ${container}` : `volume ${volume.name}`;
  };
