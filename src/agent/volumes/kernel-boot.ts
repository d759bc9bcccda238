import { kernelBoot } from '../../api/vmi/kernel-boot.js';
import type { VirtualMachineInstance } from '../../api/schema/kinds.js';
import type { Workspace } from '../workspace/workspace.js';
import { findImageFile } from './image-file.js';

/**
 * Makes the kernel and the initrd of a VMI reachable where the domain has them, by links into their image. QEMU reads
 * them once, when it starts. Runs again after a kill at any point: the image's process may be another one by then.
 * @param root finds the root of the image's file system
 * @throws VolumeError naming the field; CommandError
 */
export const prepareKernelBoot = async (
  vmi: VirtualMachineInstance,
  workspace: Workspace,
  root: () => Promise<string>,
): Promise<void> => {
  const boot = kernelBoot(vmi.spec.domain);
  if (boot === undefined) return;
  const image = await root();
  await workspace.mkdir(workspace.paths.bootFiles);
  for (const { name, field, path } of boot.files) {
    const { path: target } = await findImageFile(workspace, { said: field, pathField: field }, image, path);
    await workspace.symlink(target, workspace.paths.bootFile(name));
  }
};
