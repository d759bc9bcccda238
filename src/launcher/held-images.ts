import { kernelBoot } from '../api/vmi/kernel-boot.js';
import type { VirtualMachineInstance } from '../api/schema/kinds.js';
import { volumeLabel } from './volume-label.js';

/** The container that keeps the image of a containerDisk volume mounted. */
export const containerDiskContainer = (volume: string): string => volumeLabel('volume', volume);
/** The one that keeps the image of the kernel mounted; no volume's is called so. */
export const KERNEL_BOOT_CONTAINER = 'kernel-boot';

/** An image of the VMI's own, which a container of its pod keeps mounted while the guest needs it. */
export interface HeldImage {
  /** Name of the container. */
  readonly container: string;
  /** What it is to the VM's owner: `volume root`. */
  readonly owner: string;
  readonly image: string;
  readonly imagePullPolicy: string | undefined;
  readonly imagePullSecret: string | undefined;
}

/** In the order of the volumes, the kernel's last. */
export const heldImages = ({ spec }: VirtualMachineInstance): readonly HeldImage[] => {
  const disks = (spec.volumes ?? []).flatMap(({ name, containerDisk }) =>
    containerDisk === undefined
      ? []
      : [{ ...containerDisk, container: containerDiskContainer(name), owner: `volume ${name}` }],
  );
  const kernel = kernelBoot(spec.domain)?.container;
  const all =
    kernel === undefined ? disks : [...disks, { ...kernel, container: KERNEL_BOOT_CONTAINER, owner: 'kernelBoot' }];
  return all.map(({ container, owner, image, imagePullPolicy, imagePullSecret }) => ({
    container,
    owner,
    image,
    imagePullPolicy,
    imagePullSecret,
  }));
};
