import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CONTAINER_VARIABLE } from '../launcher/index.js';

/** A container's first process, as the host numbers it and as its pod does. */
export interface ContainerProcess {
  readonly pid: number;
  /** The pid inside the pod's shared PID namespace; under `/proc` there, its `root` is the container's file system. */
  readonly podPid: number;
  /** The container's name; absent for the pause container. */
  readonly container?: string;
}

/** An environment block ends at 128 KiB by far in our images; what is larger is not one of ours. */
const MAX_ENVIRONMENT = 128 * 1024;

/**
 * Whether a line set of `/proc/<pid>/cgroup` lies in the pod with this uid: `…/pod<uid>/…` (cgroupfs driver) or
 * `…-pod<uid with underscores>.slice/…` (systemd driver); v1 has a line per controller, v2 one, and in a cgroup
 * namespace paths of other pods begin with `/../`. Either way the pod is one whole step of the path.
 */
export const isInPod = (cgroups: string, podUid: string): boolean => {
  const cgroupfs = `pod${podUid}`;
  const systemd = `-pod${podUid.replaceAll('-', '_')}.slice`;
  return cgroups
    .split('\n')
    .some((line) => line.split('/').some((step) => step === cgroupfs || step.endsWith(systemd)));
};

interface ProcessStatus {
  readonly parent: number;
  /** Innermost pid. */
  readonly namespacePid: number;
}

/** Reads the fields of `/proc/<pid>/status` that are needed. */
export const parseStatus = (text: string): ProcessStatus | undefined => {
  const parent = /^PPid:\s+(\d+)$/m.exec(text)?.[1];
  const pids = /^NSpid:((?:\s+\d+)+)$/m.exec(text)?.[1]?.trim().split(/\s+/);
  const innermost = pids?.at(-1);
  return parent === undefined || innermost === undefined
    ? undefined
    : { parent: Number(parent), namespacePid: Number(innermost) };
};

/** The value of a variable in a `/proc/<pid>/environ` block. */
export const environmentValue = (block: string, name: string): string | undefined =>
  block
    .split('\0')
    .find((entry) => entry.startsWith(`${name}=`))
    ?.slice(name.length + 1);

/**
 * The first processes of a pod's containers. A container's first process is the one whose parent is outside the pod (the
 * runtime's shim): whatever a guest's process starts or orphans has its parent inside, so it cannot pass for one.
 * @param proc The host's /proc (the agent shares the host's PID namespace); a test gives its own.
 */
export const podContainers = async (podUid: string, proc = '/proc'): Promise<ContainerProcess[]> => {
  const members = await podMembers(podUid, proc);
  const found: ContainerProcess[] = [];
  for (const [pid, status] of members) {
    if (members.has(status.parent)) continue;
    const container = environmentValue(await readOrEmpty(join(proc, String(pid), 'environ')), CONTAINER_VARIABLE);
    found.push({ pid, podPid: status.namespacePid, ...(container === undefined ? {} : { container }) });
  }
  return found;
};

/** Every process in the pod's cgroups. A process may end while we look: then it is not in the result. */
const podMembers = async (podUid: string, proc: string): Promise<Map<number, ProcessStatus>> => {
  const members = new Map<number, ProcessStatus>();
  const pids = (await readdir(proc)).filter((name) => /^\d+$/.test(name));
  await Promise.all(
    pids.map(async (pid) => {
      if (!isInPod(await readOrEmpty(join(proc, pid, 'cgroup')), podUid)) return;
      const status = parseStatus(await readOrEmpty(join(proc, pid, 'status')));
      if (status !== undefined) members.set(Number(pid), status);
    }),
  );
  return members;
};

const readOrEmpty = async (path: string): Promise<string> => {
  try {
    const content = await readFile(path);
    return content.subarray(0, MAX_ENVIRONMENT).toString('utf8');
  } catch {
    return '';
  }
};
