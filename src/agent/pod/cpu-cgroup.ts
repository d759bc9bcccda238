import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { CommandRunner } from '../workspace/command.js';
import { CgroupError, isContainers } from './cgroup-paths.js';
import { findWay } from './cgroup-way.js';
import type { ContainerIdentity } from './pod-process.js';

/* Where a container's CPU is limited, and by how much. */

export interface CpuCgroup {
  readonly version: 1 | 2;
  /** The container's, where its first process is: what lies below is made by us. */
  readonly directory: string;
  /** Only from the node's cgroup namespace are its threads moved. */
  readonly apart: boolean;
}

/** Names of files differ, what they say does not. */
export const THREADS_FILE = { 1: 'tasks', 2: 'cgroup.threads' } as const;

/** Steps above the first process' cgroup that may be the container's still: some runtimes make one of their own. */
const MAX_STEPS = 2;
/** The steps are written to a shell line by line, word by word. */
const PLAIN_PATH = /^[^\s\p{Cc}]+$/u;

/** @throws ConfinementError, CgroupError when the container's CPU is not limited by a cgroup of its own */
export const findCpuCgroup = async (
  pid: number,
  identity: ContainerIdentity,
  run: CommandRunner,
): Promise<CpuCgroup> => {
  const { files, apart } = await findWay(`/proc/${pid}`, identity, run);
  const v1 = files.find(({ controller }) => controller.split(',').includes('cpu'));
  const found = v1 ?? files.find(({ controller }) => controller === 'v2');
  const directory = found === undefined ? '' : dirname(found.file);
  if (!isContainers(directory, identity.podUid, identity.id) || !PLAIN_PATH.test(directory))
    throw new CgroupError('cpu', 'the container has no cgroup of its own for its CPU');
  return { version: v1 === undefined ? 2 : 1, directory, apart };
};

const read = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
};

/** Quota and period of one cgroup, in microseconds; no quota: not limited here. */
export const readQuota = (version: 1 | 2, directory: string): { quota?: number; period: number } | undefined => {
  const [quota, period] =
    version === 1
      ? [read(`${directory}/cpu.cfs_quota_us`), read(`${directory}/cpu.cfs_period_us`)]
      : (read(`${directory}/cpu.max`) ?? '').split(' ');
  const micros = Number(period);
  if (quota === undefined || !Number.isSafeInteger(micros) || micros <= 0) return undefined;
  const number = Number(quota);
  return Number.isSafeInteger(number) && number > 0 ? { quota: number, period: micros } : { period: micros };
};

/**
 * The limit that kubelet gave the container, in thousandths of a CPU; undefined: none.
 * @throws CgroupError when it cannot be read
 */
export const containerLimit = (
  { version, directory }: CpuCgroup,
  { podUid, id }: ContainerIdentity,
): number | undefined => {
  let at = directory;
  for (let step = 0; step <= MAX_STEPS && isContainers(at, podUid, id); step += 1, at = dirname(at)) {
    const limit = readQuota(version, at);
    if (limit === undefined) throw new CgroupError('cpu', `the CPU limit in ${at} cannot be read`);
    if (limit.quota !== undefined) return Math.floor((limit.quota * 1000) / limit.period);
  }
  return undefined;
};
