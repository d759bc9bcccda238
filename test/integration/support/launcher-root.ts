import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { launcherRootFs } from '../../../images/recipes.js';
import { ensureRootFs } from '../../../images/rootfs.js';
import { withLock } from '../../cluster/lock.js';
import { CACHE_DIR } from '../../cluster/settings.js';

const silent = (): void => undefined;

/**
 * The launcher image's root file system, unpacked (a second, once): its libvirt and QEMU are what guests run on, and
 * this machine's may be older. Only root can unpack and enter it.
 */
export const launcherRoot = async (): Promise<string> => {
  const archive = await ensureRootFs(launcherRootFs, silent);
  const name = basename(archive, '.tar').replace('rootfs-', 'unpacked-');
  const root = join(CACHE_DIR, 'images', name);
  return await withLock(`${root}.lock`, silent, () => {
    if (!existsSync(root)) {
      const temporary = `${root}.${process.pid}.tmp`;
      mkdirSync(temporary, { recursive: true });
      execFileSync('tar', ['--extract', '--file', archive, '--directory', temporary]);
      renameSync(temporary, root);
    }
    for (const file of readdirSync(join(CACHE_DIR, 'images'))) {
      const stale = file.startsWith('unpacked-launcher-') && !file.startsWith(name);
      if (stale) rmSync(join(CACHE_DIR, 'images', file), { recursive: true, force: true });
    }
    return Promise.resolve(root);
  });
};
