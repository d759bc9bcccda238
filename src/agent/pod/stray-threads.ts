import { join } from 'node:path';
import type { CgroupStep } from './cgroup-steps.js';
import { isContainers, parseCgroups, requireConfined } from './cgroup-paths.js';
import type { CpuCgroup } from './cpu-cgroup.js';
import type { ContainerIdentity } from './pod-process.js';
import { procText } from './proc-text.js';

/*
 * In cgroups v1 a thread is moved by its number, which may have come to mean a thread of somebody else between the look
 * and the write: a pod that makes and ends threads without pause can try for that. Its other hierarchies still say
 * whose it is, and where it belongs. (v2 moves no thread out of its process' cgroup.)
 */

const isOurs = (cgroups: string, { podUid, id }: ContainerIdentity): boolean => {
  try {
    requireConfined(cgroups, podUid, id);
    return true;
  } catch {
    return false;
  }
};

/** The steps that take threads of others back to where the rest of them is. */
export const strayThreads = async (
  { version, directory }: CpuCgroup,
  identity: ContainerIdentity,
  moved: readonly { readonly id: number }[],
  proc: string,
): Promise<CgroupStep[]> => {
  if (version === 2) return [];
  const steps = await Promise.all(
    moved.map(async ({ id }): Promise<CgroupStep[]> => {
      const cgroups = await procText(join(proc, String(id), 'cgroup'));
      if (cgroups === '' || isOurs(cgroups, identity)) return [];
      const lines = parseCgroups(cgroups);
      const now = lines.find(({ controllers }) => controllers.includes('cpu'))?.path ?? '';
      const home = lines.find(({ controllers }) => controllers.includes('memory'))?.path;
      // `…/<container>/vcpu0`: what is left of the container's directory when its path is taken off is the hierarchy.
      const above = now.slice(0, now.lastIndexOf('/'));
      if (home === undefined || !isContainers(above, identity.podUid, identity.id) || !directory.endsWith(above))
        return [];
      const hierarchy = directory.slice(0, directory.length - above.length);
      return [{ do: 'move', path: `${hierarchy}${home === '/' ? '' : home}/tasks`, value: String(id) }];
    }),
  );
  return steps.flat();
};
