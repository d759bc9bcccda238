import { posix } from 'node:path';
import type { VirtualMachineInstance } from '../../api/schema/kinds.js';
import { volumeSourceKind, type VolumeSourceKind } from '../../api/volume-source.js';
import type { DiskContext } from '../../domain/index.js';
import { Limiter } from '../limiter.js';
import type { Workspace } from '../workspace/workspace.js';
import { cloudInitConfigDrive, cloudInitNoCloud } from './cloud-init.js';
import { containerDisk } from './container-disk.js';
import { configMap, downwardAPI, secret, serviceAccount, sysprep } from './content.js';
import { emptyDisk } from './empty-disk.js';
import type { Preparation, Preparer, PrepareOptions } from './preparation.js';
import { VolumeError } from './volume-error.js';

const PREPARERS: Partial<Record<VolumeSourceKind, Preparer>> = {
  cloudInitConfigDrive,
  cloudInitNoCloud,
  configMap,
  containerDisk,
  downwardAPI,
  emptyDisk,
  secret,
  serviceAccount,
  sysprep,
};

/** Volumes of one VM that are worked on at a time. Each is a chain of short processes, so more would only queue for the CPU. */
const PARALLEL_VOLUMES = 8;

/**
 * Makes every volume of a VMI ready in its workspace. Runs again after a kill at any point: what is complete is kept, what
 * is not (it carries a staging name) is made anew. Never touches the content of an existing emptyDisk or overlay.
 * @returns facts by volume name
 * @throws VolumeError naming the volume; CommandError when the workspace itself fails. Nothing runs any more by then.
 */
export const prepareVolumes = async (
  vmi: VirtualMachineInstance,
  workspace: Workspace,
  options: PrepareOptions,
): Promise<Record<string, DiskContext>> => {
  const volumes = vmi.spec.volumes ?? [];
  const work = volumes.map((volume, index) => {
    const kind = volumeSourceKind(volume);
    const preparer = kind === undefined ? undefined : PREPARERS[kind];
    if (preparer !== undefined) return { preparer, preparation: { vmi, volume, index, workspace, options } };
    throw new VolumeError(volume.name, true, `the source ${kind ?? '(none)'} is not supported by this version`);
  });
  await makeDirectories(work, workspace);
  const limiter = new Limiter(PARALLEL_VOLUMES);
  const results = await Promise.allSettled(
    work.map(({ preparer, preparation }) => limiter.run(() => preparer.prepare(preparation))),
  );
  // The first in the order of the spec, so that one mistake gives one message however the race went.
  for (const result of results) if (result.status === 'rejected') throw result.reason;
  return Object.fromEntries(
    results.flatMap((result, index) => {
      const name = volumes[index]?.name;
      return result.status === 'fulfilled' && name !== undefined ? [[name, result.value]] : [];
    }),
  );
};

/** One command for all directories: every command costs a process in the pod. */
const makeDirectories = async (
  work: readonly { preparer: Preparer; preparation: Preparation }[],
  workspace: Workspace,
): Promise<void> => {
  const { paths } = workspace;
  const files = work.flatMap(({ preparer, preparation: { volume, index } }) => [
    ...(preparer.files?.(volume, index, paths) ?? []),
  ]);
  const directories = [paths.serialSocket, paths.vncSocket, paths.guestAgentSocket, ...files].map((file) =>
    posix.dirname(file),
  );
  await workspace.mkdir(...new Set(directories));
};
