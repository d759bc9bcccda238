import type { KernelBootContainer } from '../schema/firmware.js';
import type { DomainSpec } from '../schema/virtualmachineinstance.js';

/** The files of an image that QEMU can boot a guest from, and the fields that say where they are. */
export const BOOT_FILES = [
  { name: 'kernel', field: 'kernelPath' },
  { name: 'initrd', field: 'initrdPath' },
] as const satisfies readonly { name: string; field: keyof KernelBootContainer }[];
export type BootFile = (typeof BOOT_FILES)[number]['name'];

/** A guest that is booted by QEMU itself. */
export interface KernelBoot {
  readonly container: KernelBootContainer;
  /** Paths in the image. */
  readonly files: readonly { readonly name: BootFile; readonly field: string; readonly path: string }[];
  /** The kernel's command line; undefined: none. */
  readonly kernelArgs: string | undefined;
}

export const KERNEL_BOOT = 'spec.domain.firmware.kernelBoot';

/** What boots instead of the disks; undefined where they do. */
export const kernelBoot = ({ firmware }: DomainSpec): KernelBoot | undefined => {
  const { container, kernelArgs } = firmware?.kernelBoot ?? {};
  if (container === undefined) return undefined;
  const files = BOOT_FILES.flatMap(({ name, field }) => {
    const path = container[field];
    return path === undefined || path === '' ? [] : [{ name, field: `${KERNEL_BOOT}.container.${field}`, path }];
  });
  return files.length === 0 ? undefined : { container, files, kernelArgs: kernelArgs || undefined };
};
