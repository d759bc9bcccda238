import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmdirSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { SystemUser } from './programs.js';

/** Not $TMPDIR: unix sockets below it must stay under 108 bytes, and temporary directories may be deep. */
const PARENT = '/tmp';
const PREFIX = 'kvrun-';
const OWNER = 'owner.pid';

/** Everything of one `run`: libvirtd's directories and the VM's files. */
export interface RunDirectory {
  readonly root: string;
  /** XDG_RUNTIME_DIR, XDG_CONFIG_HOME, XDG_CACHE_HOME and HOME of libvirtd. */
  readonly runtime: string;
  /** Ours until libvirtd's settings are in it. */
  readonly config: string;
  readonly cache: string;
  readonly home: string;
  /** The VM's disks and sockets. */
  readonly vm: string;
  readonly remove: () => void;
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

/**
 * Removes a run's directory. What is in its subdirectories belongs to the guest's user, whose processes may change a
 * directory into a link while it is traversed: so this is done as that user, and as root only what is left empty is
 * removed.
 */
export const removeTree = (root: string): void => {
  const entries = readdirSync(root, { withFileTypes: true });
  const directories = entries.filter((entry) => entry.isDirectory());
  for (const entry of directories) {
    const path = join(root, entry.name);
    const { uid, gid } = lstatSync(path);
    const as = process.getuid?.() === 0 ? { uid, gid } : {};
    spawnSync('/bin/rm', ['-rf', '--one-file-system', '--', ...readdirSync(path).map((name) => `./${name}`)], {
      ...as,
      cwd: path,
      stdio: 'ignore',
      env: {},
    });
    rmdirSync(path);
  }
  // Files last, and with them who the owner was: if a directory cannot be removed, the next run tries again.
  for (const entry of entries) if (!entry.isDirectory()) unlinkSync(join(root, entry.name));
  rmdirSync(root);
};

/** Directories of our own whose plugin was killed and could not clean up. */
const removeStale = (): void => {
  for (const name of readdirSync(PARENT)) {
    if (!name.startsWith(PREFIX)) continue;
    const path = join(PARENT, name);
    try {
      const { uid, mtimeMs } = lstatSync(path);
      // A fresh one may not have its owner written yet.
      if (uid !== process.getuid?.() || Date.now() - mtimeMs < 60_000) continue;
      if (!isAlive(Number(readFileSync(join(path, OWNER), 'utf8')))) removeTree(path);
    } catch {
      // Someone else removed it, or it is not one of these directories.
    }
  }
};

export const makeRunDirectory = (user: SystemUser | undefined): RunDirectory => {
  removeStale();
  const root = mkdtempSync(join(PARENT, PREFIX));
  writeFileSync(join(root, OWNER), String(process.pid));
  // The other user must get through, not look around.
  if (user !== undefined) chmodSync(root, 0o711);
  const make = (name: string, given = true): string => {
    const path = join(root, name);
    mkdirSync(path, { mode: 0o700 });
    if (user !== undefined && given) chownSync(path, user.uid, user.gid);
    return path;
  };
  return {
    root,
    runtime: make('run'),
    config: make('config', false),
    cache: make('cache'),
    home: make('home'),
    vm: make('vm'),
    remove: () => {
      try {
        removeTree(root);
      } catch {
        // The next run removes what is left.
      }
    },
  };
};
