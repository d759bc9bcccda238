import { posix } from 'node:path';
import { CommandError } from '../workspace/command.js';
import type { Workspace } from '../workspace/workspace.js';
import { imageFormat } from './image-info.js';
import type { Preparer } from './preparation.js';
import { makeQcow2 } from './qcow2.js';
import { VolumeError } from './volume-error.js';

/** Where images keep their disk when `path` is not given. */
const DEFAULT_DIRECTORY = '/disk';
/** More links than this in a row are a loop. */
const MAX_LINKS = 8;

/**
 * Finds the disk in a containerDisk image whose file system is visible at `root`: the file `path` names, or the only file
 * in `/disk`. Source: spec/domain.md §6.1.
 * @returns its path in the workspace
 * @throws VolumeError permanent when there is none, more than one, or it cannot be read
 */
export const findImageFile = async (
  workspace: Workspace,
  volume: string,
  root: string,
  path: string | undefined,
): Promise<string> => {
  const inImage = path ?? posix.join(DEFAULT_DIRECTORY, await onlyFile(workspace, volume, root));
  const file = await followInsideImage(workspace, volume, root, inImage);
  await requireReadable(workspace, volume, file, inImage);
  return file;
};

const onlyFile = async (workspace: Workspace, volume: string, root: string): Promise<string> => {
  const directory = root + DEFAULT_DIRECTORY;
  const remedy = `an image for a containerDisk holds one disk in ${DEFAULT_DIRECTORY}, or containerDisk.path names it`;
  if (!(await workspace.isDirectory(directory)))
    throw new VolumeError(volume, true, `the image has no directory ${DEFAULT_DIRECTORY}; ${remedy}`);
  let names: string[];
  try {
    names = await workspace.list(directory);
  } catch (error) {
    if (error instanceof CommandError && error.exitCode === 1) throw unreadable(volume, DEFAULT_DIRECTORY, error);
    throw error;
  }
  const [name, ...more] = names;
  if (name === undefined)
    throw new VolumeError(volume, true, `the image has no file in ${DEFAULT_DIRECTORY}, so no disk; ${remedy}`);
  if (more.length > 0) {
    const found = names.slice(0, 5).join(', ') + (names.length > 5 ? ', …' : '');
    throw new VolumeError(
      volume,
      true,
      `the image has ${names.length} files in ${DEFAULT_DIRECTORY} (${found}), where one is allowed; name the disk with containerDisk.path`,
    );
  }
  return name;
};

/** A link in the image means a path in the image, not one of the launcher. */
const followInsideImage = async (
  workspace: Workspace,
  volume: string,
  root: string,
  inImage: string,
): Promise<string> => {
  let current = posix.resolve('/', inImage);
  for (let links = 0; links < MAX_LINKS; links += 1) {
    const target = await workspace.readLink(root + current);
    if (target === undefined) return root + current;
    current = posix.resolve(posix.dirname(current), target);
  }
  throw new VolumeError(volume, true, `${inImage} in the image is a chain of more than ${MAX_LINKS} symbolic links`);
};

const requireReadable = async (workspace: Workspace, volume: string, file: string, inImage: string): Promise<void> => {
  if (!(await workspace.exists(file)))
    throw new VolumeError(volume, true, `the image has no file ${inImage}; correct containerDisk.path or the image`);
  try {
    const { stdout } = await workspace.run(['stat', '--format=%F', '--', file], { maxOutputBytes: 256 });
    const kind = stdout.toString('utf8').trim();
    if (!kind.startsWith('regular'))
      throw new VolumeError(volume, true, `${inImage} in the image is a ${kind}, not a disk file`);
    await workspace.run(['head', '-c', '1', '--', file], { maxOutputBytes: 16 });
  } catch (error) {
    if (error instanceof CommandError && error.exitCode === 1) throw unreadable(volume, inImage, error);
    throw error;
  }
};

const unreadable = (volume: string, inImage: string, cause: CommandError): VolumeError =>
  new VolumeError(
    volume,
    true,
    `${inImage} in the image cannot be read (${cause.stderr.trim()}); give it to uid 107 when the image is built (COPY --chown=107:107)`,
    { cause },
  );

/** The guest writes to a qcow2 overlay; the image stays as it is (spec/domain.md §6). */
export const containerDisk: Preparer = {
  files: ({ name }, index, paths) => [paths.overlay(name), paths.containerDisk(name, index)],
  prepare: async ({ volume: { name, containerDisk: image }, index, workspace, options }) => {
    const source = await options.imageSource(name, index);
    const file = 'file' in source ? source.file : await findImageFile(workspace, name, source.root, image?.path);
    const format = await imageFormat(workspace, name, file, options.memoryLimitBytes);
    const link = workspace.paths.containerDisk(name, index);
    // The image's process may be another one than at the last attempt, so the link is always set anew.
    await workspace.symlink(file, link);
    await makeQcow2(workspace, workspace.paths.overlay(name), ['-b', link, '-F', format]);
    return { format };
  },
};
