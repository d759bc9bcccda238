import { closeSync, constants, fstatSync } from 'node:fs';
import { link, open, rm } from 'node:fs/promises';
import { GUEST_ID } from '../../api/pod-layout.js';
import type { ContainerIdentity } from './pod-process.js';
import { withPodRoot } from './pod-root.js';
import { openPath, SocketPathError } from './sockets.js';

/** For the guest's uid and gid alone. */
const MODE = 0o660;

/** Where a disk's file is to be made. */
export interface NewDiskFile {
  /** Absolute path in the pod of a directory that is there; none of its steps may be a symlink. */
  readonly directory: string;
  readonly name: string;
  readonly bytes: bigint;
}

/**
 * Makes a sparse file of the guest's uid in a directory of a pod that belongs to someone else: a host disk's directory,
 * which kubelet makes for root. It never touches what is there: the file is made under a staging name and linked, so
 * that an older one of its name stays. Nothing of the pod is executed, and no symlink is followed.
 * @param proc The host's /proc; a test gives its own.
 * @throws SocketPathError when the directory is not one, Error when the process is not the container's or the file
 * cannot be made
 */
export const makeDiskFile = (
  pid: number,
  container: ContainerIdentity,
  file: NewDiskFile,
  proc = '/proc',
): Promise<void> =>
  withPodRoot(pid, container, proc, async (root) => {
    const directory = openPath(root, withoutLinkOfImage(file.directory).split('/').slice(1));
    try {
      if (!fstatSync(directory).isDirectory())
        throw new SocketPathError('wrong', `${file.directory} in the launcher pod is not a directory`);
      await makeIn(`/proc/self/fd/${directory}`, file);
    } finally {
      closeSync(directory);
    }
  });

/** `/var/run` is a symlink to `/run` in the launcher image, whose files no guest can change. */
const withoutLinkOfImage = (path: string): string => path.replace(/^\/var\/run\//, '/run/');

const makeIn = async (directory: string, { name, bytes }: NewDiskFile): Promise<void> => {
  if (name === '' || name === '.' || name === '..' || name.includes('/'))
    throw new SocketPathError('wrong', `${JSON.stringify(name)} is not the name of a file`);
  const staging = `${directory}/${name}.staging`;
  await rm(staging, { force: true });
  const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;
  const handle = await open(staging, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, MODE);
  try {
    await handle.truncate(Number(bytes));
    await handle.chmod(MODE);
    await handle.chown(GUEST_ID, GUEST_ID);
    await link(staging, `${directory}/${name}`).catch((error: unknown) => {
      // Someone was faster: that file is the disk.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    });
  } finally {
    await handle.close();
    await rm(staging, { force: true });
  }
};
