import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/*
 * What runs on a node beside its pods: the daemons of the system, kubelet, the container runtime. Their memory is that
 * of the cgroups at the top of the tree which hold no pods (`system.slice`, `user.slice` …).
 */

/** A node has a handful. */
const MAX_GROUPS = 256;
/** Whose cgroups these are, at the top or, where kubelet was told so, one step below. */
const PODS = /^(?:[\w-]+-)?kubepods(?:\.slice)?$/;

const text = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
};

const number = (found: string | undefined): number => (/^\d{1,16}$/.test(found ?? '') ? Number(found) : 0);
const statistic = (of: string, name: string): number => number(new RegExp(`^${name} (\\d{1,16})$`, 'm').exec(of)?.[1]);

const groupsIn = (directory: string): string[] => {
  try {
    return readdirSync(directory, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
      .slice(0, MAX_GROUPS);
  } catch {
    return [];
  }
};

/** As kubelet counts: without the file cache that the kernel would give back first. */
const workingSet = (group: string): number => {
  const stat = text(join(group, 'memory.stat'));
  const v2 = text(join(group, 'memory.current')).trim();
  const [usage, inactive] =
    v2 === ''
      ? [number(text(join(group, 'memory.usage_in_bytes')).trim()), statistic(stat, 'total_inactive_file')]
      : [number(v2), statistic(stat, 'inactive_file')];
  return Math.max(0, usage - inactive);
};

/** The groups at the top without pods; of one that has the pods somewhere in it, what is in it beside them. */
const beside = (directory: string): string[] =>
  groupsIn(directory).flatMap((name) => {
    if (PODS.test(name)) return [];
    const below = groupsIn(join(directory, name));
    if (!below.some((inner) => PODS.test(inner))) return [join(directory, name)];
    return below.filter((inner) => !PODS.test(inner)).map((inner) => join(directory, name, inner));
  });

/**
 * Bytes that are used beside pods; undefined where there is no such cgroup to read.
 * @param root The node's /sys/fs/cgroup
 */
export const systemMemory = (root: string): number | undefined => {
  const v1 = join(root, 'memory');
  const directory = text(join(v1, 'memory.stat')) === '' ? root : v1;
  // Of v1 the root tells what is in no group below; of v2 it tells of the whole node.
  const own = directory === v1 ? statistic(text(join(v1, 'memory.stat')), 'rss') : 0;
  const sum = beside(directory).reduce((total, group) => total + workingSet(group), own);
  return sum > 0 ? sum : undefined;
};
