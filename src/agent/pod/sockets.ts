import { open, type FileHandle } from 'node:fs/promises';
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';

/**
 * Unix sockets in a pod's directory. What is there belongs to the guest's uid, so each step may be a symlink
 * to somewhere on the host, and the whole path is longer than the 107 bytes that connect(2) takes. Both are solved by
 * opening step by step and connecting through `/proc/self/fd`.
 */

/** open(2) flag that Node has no name for; the value is that of every Linux architecture Node runs on. */
const O_PATH = 0o10000000;
const STEP = O_PATH | constants.O_NOFOLLOW;

/** A path in a pod that is not what it should be. */
export class SocketPathError extends Error {
  /** Not there (yet), so trying again later makes sense. */
  readonly missing: boolean;

  /** @param problem `wrong`: something else stands there */
  constructor(problem: 'missing' | 'wrong', message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SocketPathError';
    this.missing = problem === 'missing';
  }
}

/** Opens a path below `directory` without following any symlink; the caller closes the O_PATH descriptor. */
export const openPath = (directory: string, steps: readonly string[]): number => {
  const whole = [directory, ...steps].join('/');
  let descriptor = openStep(directory, directory);
  try {
    for (const step of steps) {
      if (step === '' || step === '.' || step === '..' || step.includes('/'))
        throw new SocketPathError('wrong', `${JSON.stringify(step)} is not the name of a file`);
      const next = openStep(`/proc/self/fd/${descriptor}/${step}`, whole);
      closeSync(descriptor);
      descriptor = next;
    }
    return descriptor;
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
};

/**
 * Opens a socket's file without following any symlink below `directory`.
 * @param directory Trusted: kubelet made it and nobody in the pod can replace it.
 * @param steps Names below it, none trusted.
 * @returns an O_PATH descriptor, which the caller closes
 * @throws SocketPathError
 */
export const openSocketPath = (directory: string, steps: readonly string[]): number => {
  const descriptor = openPath(directory, steps);
  if (fstatSync(descriptor).isSocket()) return descriptor;
  closeSync(descriptor);
  throw new SocketPathError('wrong', `${[directory, ...steps].join('/')} is not a socket`);
};

/**
 * The first `maxBytes` of a regular file, found in the same way; undefined when there is none.
 * @throws SocketPathError when something else stands there
 */
export const readPodFile = (directory: string, steps: readonly string[], maxBytes: number): string | undefined => {
  let descriptor: number;
  try {
    descriptor = openPath(directory, steps);
  } catch (error) {
    if (error instanceof SocketPathError && error.missing) return undefined;
    throw error;
  }
  let readable: number | undefined;
  try {
    if (!fstatSync(descriptor).isFile())
      throw new SocketPathError('wrong', `${[directory, ...steps].join('/')} is not a file`);
    // The descriptor names the very file that was looked at, whatever its name means by now.
    // O_NONBLOCK: a lease that its owner holds on it must not stop the whole agent until the kernel breaks it (45 s).
    readable = openSync(`/proc/self/fd/${descriptor}`, constants.O_RDONLY | constants.O_NONBLOCK);
    const buffer = Buffer.alloc(maxBytes);
    return buffer.subarray(0, readSync(readable, buffer, 0, maxBytes, 0)).toString('utf8');
  } finally {
    if (readable !== undefined) closeSync(readable);
    closeSync(descriptor);
  }
};

/**
 * Opens a regular file, found in the same way, for writing in place. What is there belongs to the guest's uid, which
 * may have put another file of its own there; but not one that has a second name, and hard links cannot leave a pod's
 * volume.
 * @throws SocketPathError
 */
export const openPodFile = async (directory: string, steps: readonly string[]): Promise<FileHandle> => {
  const descriptor = openPath(directory, steps);
  try {
    const found = fstatSync(descriptor);
    if (!found.isFile() || found.nlink !== 1)
      throw new SocketPathError('wrong', `${[directory, ...steps].join('/')} is not a file of its own`);
    // O_NONBLOCK: as above, a lease must not stop us. No O_TRUNC and no O_CREAT: the file stays the guest's.
    return await open(`/proc/self/fd/${descriptor}`, constants.O_WRONLY | constants.O_NONBLOCK);
  } finally {
    closeSync(descriptor);
  }
};

const openStep = (path: string, whole: string): number => {
  try {
    return openSync(path, STEP);
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    // ENOTDIR: a step is a file or a symlink (which O_PATH|O_NOFOLLOW opens as itself).
    const missing = code === 'ENOENT';
    const reason = code === 'ENOTDIR' ? 'a symlink or file stands where a directory should be' : code;
    throw new SocketPathError(missing ? 'missing' : 'wrong', `${whole}: ${missing ? 'does not exist' : reason}`, {
      cause: error,
    });
  }
};

/**
 * Connects to a socket in a pod. @throws SocketPathError, or the error of connect(2): ECONNREFUSED when nobody listens.
 */
export const connectSocketPath = (directory: string, steps: readonly string[]): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const descriptor = openSocketPath(directory, steps);
    const socket = createConnection({ path: `/proc/self/fd/${descriptor}` });
    const failed = (error: Error): void => {
      closeSync(descriptor);
      reject(error);
    };
    socket.once('error', failed);
    socket.once('connect', () => {
      socket.removeListener('error', failed);
      closeSync(descriptor);
      resolve(socket);
    });
  });
