import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ExclusiveCpus } from '../../domain/index.js';

/** No machine has more; a list that says so is not the kernel's. */
const MAX_CPUS = 65_536;

/** `0-3,8` → 0, 1, 2, 3, 8. What is no such list gives nothing. */
export const parseCpuList = (text: string): number[] =>
  text
    .trim()
    .split(',')
    .flatMap((part) => {
      const match = /^(\d{1,6})(?:-(\d{1,6}))?$/.exec(part);
      if (match === null) return [];
      const [first, last] = [Number(match[1]), Number(match[2] ?? match[1])];
      if (last < first || last >= MAX_CPUS) return [];
      return Array.from({ length: last - first + 1 }, (_, index) => first + index);
    });

const read = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
};

/** NUMA cells in order; a kernel without NUMA has one, of all its CPUs. */
const cellsOf = (root: string): { id: number; cpus: number[] }[] => {
  const nodes = join(root, 'sys/devices/system/node');
  let names: string[];
  try {
    names = readdirSync(nodes).filter((name) => /^node\d+$/.test(name));
  } catch {
    names = [];
  }
  const cells = names
    .map((name) => ({ id: Number(name.slice(4)), cpus: parseCpuList(read(join(nodes, name, 'cpulist')) ?? '') }))
    .toSorted((a, b) => a.id - b.id);
  if (cells.length > 0) return cells;
  return [{ id: 0, cpus: parseCpuList(read(join(root, 'sys/devices/system/cpu/online')) ?? '') }];
};

/**
 * The CPUs that a process may use, and the topology of the node's CPUs. Of a container with exclusive CPUs that is
 * what its kubelet gave it, whatever the version of cgroups.
 * @param root Where /proc and /sys are; for tests
 * @throws Error when the process has ended
 */
export const exclusiveCpus = (pid: number, root = '/'): ExclusiveCpus => {
  const status = readFileSync(join(root, 'proc', String(pid), 'status'), 'utf8');
  const allowed = parseCpuList(/^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1] ?? '');
  const cells = cellsOf(root).map((cell) => ({
    id: cell.id,
    cpus: cell.cpus.map((id) => ({
      id,
      siblings: parseCpuList(
        read(join(root, `sys/devices/system/cpu/cpu${id}/topology/thread_siblings_list`)) ?? String(id),
      ),
    })),
  }));
  return { allowed, cells };
};

/**
 * Whether the node's kubelet gives CPUs away exclusively: the policy is in its state file.
 * @param kubeletDirectory kubelet's, as the agent sees it
 */
export const givesExclusiveCpus = (kubeletDirectory: string): boolean => {
  try {
    const state = JSON.parse(readFileSync(join(kubeletDirectory, 'cpu_manager_state'), 'utf8')) as {
      policyName?: unknown;
    };
    return state.policyName === 'static';
  } catch {
    return false;
  }
};
