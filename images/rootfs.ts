/** The bottom layer of an image: a Debian root file system from mmdebstrap, cached by what it is made of. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { withLock } from '../test/cluster/lock.js';
import { run } from '../test/cluster/run.js';
import { CACHE_DIR } from '../test/cluster/settings.js';

export const IMAGE_CACHE = path.join(CACHE_DIR, 'images');

/** Raise it to have every root file system built again, for newer packages. */
const RECIPE = 1;

/** Documentation and translations that no container reads; licences stay. */
const EXCLUDED = ['doc/*', 'man/*', 'info/*', 'locale/*', 'help/*', 'lintian/*', 'bash-completion/*', 'zsh/*'];
const DPKG_OPTIONS = [
  ...EXCLUDED.map((pattern) => `--dpkgopt=path-exclude=/usr/share/${pattern}`),
  '--dpkgopt=path-include=/usr/share/doc/*/copyright',
];

export interface RootFs {
  readonly name: string;
  readonly suite: string;
  readonly packages: readonly string[];
  /** Shell commands of mmdebstrap's hooks; `$1` is the new root. They are ours, never a user's. */
  readonly hooks?: readonly string[];
  /** What mmdebstrap installs beyond `packages`: 'essential' has no apt, 'minbase' has. */
  readonly variant?: 'essential' | 'minbase';
}

/** Gives the path of the root file system's tar, building it (one to two minutes) when it is not in the cache. */
export const ensureRootFs = async (rootFs: RootFs, log: (line: string) => void): Promise<string> => {
  const hash = createHash('sha256')
    .update(JSON.stringify([RECIPE, DPKG_OPTIONS, rootFs]))
    .digest('hex')
    .slice(0, 12);
  const target = path.join(IMAGE_CACHE, `rootfs-${rootFs.name}-${hash}.tar`);
  if (existsSync(target)) return target;
  mkdirSync(IMAGE_CACHE, { recursive: true });
  return await withLock(`${target}.lock`, log, async () => {
    if (existsSync(target)) return target;
    log(`${rootFs.name}: installing Debian ${rootFs.suite} with ${rootFs.packages.join(', ')} (1 to 2 minutes, once)`);
    // mmdebstrap chooses the format by the file's name.
    const temporary = `${target}.${process.pid}.tmp.tar`;
    try {
      await run('mmdebstrap', [
        ...['--mode=root', `--variant=${rootFs.variant ?? 'essential'}`, '--skip=output/dev', ...DPKG_OPTIONS],
        ...(rootFs.hooks ?? []).map((hook) => `--customize-hook=${hook}`),
        ...[`--include=${rootFs.packages.join(',')}`, rootFs.suite, temporary],
      ]);
      renameSync(temporary, target);
    } finally {
      rmSync(temporary, { force: true });
    }
    for (const file of readdirSync(IMAGE_CACHE)) {
      const stale = file.startsWith(`rootfs-${rootFs.name}-`) && !file.includes(hash);
      if (stale) rmSync(path.join(IMAGE_CACHE, file), { force: true });
    }
    return target;
  });
};
