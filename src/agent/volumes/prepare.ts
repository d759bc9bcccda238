import { posix } from 'node:path';
import { parseQuantity } from '../../api/quantity.js';
import type { VirtualMachineInstance } from '../../api/schema/kinds.js';
import type { Volume } from '../../api/schema/volumes.js';
import type { DiskContext } from '../../domain/context.js';
import type { Workspace } from '../workspace/workspace.js';
import { makeCloudInitIso } from './cloud-init.js';
import { findImageFile } from './container-disk.js';
import { imageFormat } from './image-info.js';
import { VolumeError } from './volume-error.js';

/** Where a volume's image is: the root of a containerDisk's file system, or a file that the user named. */
export type ImageSource = { readonly root: string } | { readonly file: string };

export interface PrepareOptions {
  /** Finds the image of the containerDisk (or, for `kubectl virt run`, PVC) that is volume `index`. */
  readonly imageSource: (volume: string, index: number) => Promise<ImageSource>;
  /** `configuration.developerConfiguration.diskVerification.memoryLimit` in bytes. */
  readonly memoryLimitBytes: bigint;
}

const MIB = 1024n * 1024n;

/**
 * Makes every volume of a VMI ready in its workspace. Runs again after a kill at any point: what is complete is kept, what
 * is not (it carries a staging name) is made anew. Never touches the content of an existing emptyDisk or overlay.
 * @returns facts by volume name
 * @throws VolumeError naming the volume; CommandError when the workspace itself fails
 */
export const prepareVolumes = async (
  vmi: VirtualMachineInstance,
  workspace: Workspace,
  options: PrepareOptions,
): Promise<Record<string, DiskContext>> => {
  const volumes = vmi.spec.volumes ?? [];
  await makeDirectories(volumes, workspace);
  const facts: Record<string, DiskContext> = {};
  for (const [index, volume] of volumes.entries()) {
    facts[volume.name] = await prepareVolume(vmi, volume, index, workspace, options);
  }
  return facts;
};

/** One command for all directories: every command costs a process in the pod. */
const makeDirectories = async (volumes: readonly Volume[], workspace: Workspace): Promise<void> => {
  const { paths } = workspace;
  const files = volumes.flatMap((volume, index) => {
    if (volume.containerDisk) return [paths.overlay(volume.name), paths.containerDisk(volume.name, index)];
    if (volume.emptyDisk) return [paths.emptyDisk(volume.name)];
    if (volume.cloudInitNoCloud) return [paths.cloudInitIso(volume.name)];
    return [];
  });
  const directories = [paths.serialSocket, paths.vncSocket, paths.guestAgentSocket, ...files].map((file) =>
    posix.dirname(file),
  );
  await workspace.mkdir(...new Set(directories));
};

const prepareVolume = async (
  vmi: VirtualMachineInstance,
  volume: Volume,
  index: number,
  workspace: Workspace,
  options: PrepareOptions,
): Promise<DiskContext> => {
  const { name } = volume;
  if (volume.containerDisk) return prepareContainerDisk(volume, index, workspace, options);
  if (volume.emptyDisk) {
    await makeEmptyDisk(name, volume.emptyDisk.capacity, workspace);
    return { format: 'qcow2' };
  }
  if (volume.cloudInitNoCloud) {
    await makeCloudInitIso(vmi, name, volume.cloudInitNoCloud, workspace);
    return { format: 'raw' };
  }
  const sources = Object.keys(volume).filter((key) => key !== 'name');
  throw new VolumeError(name, true, `the source ${sources.join(', ')} is not supported by this version`);
};

const prepareContainerDisk = async (
  volume: Volume,
  index: number,
  workspace: Workspace,
  options: PrepareOptions,
): Promise<DiskContext> => {
  const { name } = volume;
  const source = await options.imageSource(name, index);
  const file =
    'file' in source ? source.file : await findImageFile(workspace, name, source.root, volume.containerDisk?.path);
  const format = await imageFormat(workspace, name, file, options.memoryLimitBytes);
  const link = workspace.paths.containerDisk(name, index);
  // The image's process may be another one than at the last attempt, so the link is always set anew.
  await workspace.symlink(file, link);
  await makeQcow2(workspace, workspace.paths.overlay(name), ['-b', link, '-F', format]);
  return { format };
};

/** Source: spec/domain.md §1.16, table: whole MiB, kept when it exists. */
const makeEmptyDisk = async (name: string, capacity: string | number, workspace: Workspace): Promise<void> => {
  const bytes = (parseQuantity(capacity).value() / MIB) * MIB;
  if (bytes <= 0n) throw new VolumeError(name, true, `emptyDisk.capacity ${capacity} is below the smallest size, 1Mi`);
  await makeQcow2(workspace, workspace.paths.emptyDisk(name), [], bytes);
};

/** Creates a qcow2 file unless there is one: what the guest has written since is worth more than our order. */
const makeQcow2 = async (
  workspace: Workspace,
  path: string,
  backing: readonly string[],
  bytes?: bigint,
): Promise<void> => {
  if (await workspace.exists(path)) return;
  const staging = `${path}.staging`;
  const size = bytes === undefined ? [] : [bytes.toString()];
  await workspace.run(['qemu-img', 'create', '-q', '-f', 'qcow2', ...backing, '--', staging, ...size]);
  await workspace.rename(staging, path);
};
