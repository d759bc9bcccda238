import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
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

/** Directories of our own whose plugin was killed and could not clean up. */
const removeStale = (): void => {
  for (const name of readdirSync(PARENT)) {
    if (!name.startsWith(PREFIX)) continue;
    const path = join(PARENT, name);
    try {
      const { uid, mtimeMs } = lstatSync(path);
      // A fresh one may not have its owner written yet.
      if (uid !== process.getuid?.() || Date.now() - mtimeMs < 60_000) continue;
      if (!isAlive(Number(readFileSync(join(path, OWNER), 'utf8')))) rmSync(path, { recursive: true, force: true });
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
  const make = (name: string): string => {
    const path = join(root, name);
    mkdirSync(path, { mode: 0o700 });
    if (user !== undefined) chownSync(path, user.uid, user.gid);
    return path;
  };
  return {
    root,
    runtime: make('run'),
    config: make('config'),
    cache: make('cache'),
    home: make('home'),
    vm: make('vm'),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
};
