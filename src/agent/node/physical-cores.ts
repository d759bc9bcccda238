import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseCpuList } from '../pod/exclusive-cpus.js';

const CPUS = 'sys/devices/system/cpu';

const read = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
};

/**
 * Physical cores of this machine: pairs of package and core among the CPUs that are online; a CPU without topology
 * counts as a core.
 * @param root Where /sys is; for tests
 */
export const physicalCores = (root = '/'): number => {
  const directory = join(root, CPUS);
  let listed: string[];
  try {
    listed = readdirSync(directory).filter((name) => /^cpu\d+$/.test(name));
  } catch {
    return 0;
  }
  const online = read(join(directory, 'online'));
  const running = online === undefined ? undefined : new Set(parseCpuList(online));
  const cores = listed
    .filter((name) => running?.has(Number(name.slice(3))) ?? true)
    .map((name) => {
      const [place, core] = ['physical_package_id', 'core_id'].map((file) =>
        read(join(directory, name, 'topology', file)),
      );
      return place === undefined || core === undefined ? name : `${place} ${core}`;
    });
  return new Set(cores).size;
};
