import { closeSync, readFileSync } from 'node:fs';
import { isContainers } from './cgroup-paths.js';
import type { ContainerIdentity } from './pod-process.js';
import { openPath } from './sockets.js';

/**
 * Calls `use` with the root directory of a process of a pod's container, as a path that stays with this very process,
 * even if its pid is reused meanwhile. For what only root can do: the caller continues from there step by step ({@link
 * openPath}).
 * @param proc The host's /proc; a test gives its own.
 * @throws Error when the process is not the container's (any more), and what `use` throws
 */
export const withPodRoot = <T>(
  pid: number,
  { podUid, id, name }: ContainerIdentity,
  proc: string,
  use: (root: string) => T,
): T => {
  const task = openPath(`${proc}/${pid}`, []);
  const close = (): void => closeSync(task);
  let result: T;
  try {
    if (!isContainers(readFileSync(`/proc/self/fd/${task}/cgroup`, 'utf8'), podUid, id))
      throw new Error(`process ${pid} is not one of the launcher pod's container ${name}`);
    result = use(`/proc/self/fd/${task}/root/.`);
  } catch (error) {
    close();
    throw error;
  }
  if (result instanceof Promise) void result.then(close, close);
  else close();
  return result;
};
