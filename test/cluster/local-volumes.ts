/**
 * Storage for local PersistentVolumes: ext4 in a file, or a loop device. Everything lies below the cluster's directory.
 */
import { existsSync, mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { run } from './run.js';
import { CLUSTER_DIR, KUBELET_DIR } from './settings.js';

export type LocalVolumeMode = 'Filesystem' | 'Block';

const DIRECTORY = path.join(CLUSTER_DIR, 'volumes');
const imageOf = (name: string): string => path.join(DIRECTORY, `${name}.img`);
const mountOf = (name: string): string => path.join(DIRECTORY, name);

/** Loop devices whose file lies below one of the directories: device → file. */
const loops = async (...directories: string[]): Promise<Map<string, string>> => {
  const { loopdevices } = JSON.parse((await run('losetup', ['--json', '--list'])) || '{"loopdevices":[]}') as {
    loopdevices: { name: string; 'back-file': string | null }[];
  };
  return new Map(
    loopdevices.flatMap(({ name, 'back-file': file }) =>
      file !== null && directories.some((directory) => file.startsWith(`${directory}/`)) ? [[name, file] as const] : [],
    ),
  );
};

/** A new, empty volume. @returns what `spec.local.path` of a PersistentVolume says: a directory or a device */
export const makeLocalVolume = async (name: string, mode: LocalVolumeMode, mebibytes: number): Promise<string> => {
  await removeLocalVolume(name);
  mkdirSync(DIRECTORY, { recursive: true, mode: 0o755 });
  const image = imageOf(name);
  writeFileSync(image, '');
  truncateSync(image, mebibytes * 1024 * 1024);
  if (mode === 'Block') return (await run('losetup', ['--find', '--show', image])).trim();
  await run('mkfs.ext4', ['-q', '-m', '0', '-O', '^has_journal', image]);
  mkdirSync(mountOf(name), { mode: 0o755 });
  await run('mount', ['-o', 'loop', image, mountOf(name)]);
  return mountOf(name);
};

export const removeLocalVolume = async (name: string): Promise<void> => {
  if (existsSync(mountOf(name))) {
    await run('umount', [mountOf(name)]).catch(() => undefined);
    rmSync(mountOf(name), { recursive: true, force: true });
  }
  for (const [device, file] of await loops(DIRECTORY))
    if (file === imageOf(name)) await run('losetup', ['--detach', device]);
  rmSync(imageOf(name), { force: true });
};

/**
 * Loop devices outlive the files they show. kubelet holds one for each block volume of a pod; mounts are the caller's.
 */
export const detachLocalVolumes = async (): Promise<void> => {
  for (const device of (await loops(DIRECTORY, KUBELET_DIR)).keys())
    await run('losetup', ['--detach', device]).catch(() => undefined);
};
