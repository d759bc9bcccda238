import { closeSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CommandRunner } from '../workspace/command.js';
import { isContainers } from './cgroup-paths.js';
import { parseStatus, type ContainerIdentity } from './pod-process.js';
import { procText } from './proc-text.js';
import { ProcessScan } from './process-scan.js';
import { openPath } from './sockets.js';

/*
 * What the agent does to processes of a container as root of the node, and not in the pod's confinement: limits and
 * schedulers that the pod may not set for itself. Processes are named by their numbers in the pod's own PID namespace,
 * which the tool enters, so that whatever a number means by then it is a process of the pod.
 */

/** A process or thread, as the node numbers it and as its pod does. */
export interface PodTask {
  readonly pid: number;
  readonly podPid: number;
}

/** A tool of the agent's image answers at once. */
const TIMEOUT_SECONDS = 10;
/** A pod that has more processes of a name than these made them up. */
const MOST_OF_A_NAME = 8;

/** The number of a task in the pod's PID namespace. */
export const podPidOf = async (directory: string): Promise<number | undefined> => {
  const pids = parseStatus(await procText(join(directory, 'status')))?.namespacePids ?? [];
  return pids.length === 2 ? pids[1] : undefined;
};

/**
 * The processes of a container whose program has this name. A guest that left QEMU chooses its own: nothing may be done
 * to them that their pod should not have.
 * @param proc The host's /proc; a test gives its own.
 */
export const processesNamed = async (
  { podUid, id }: ContainerIdentity,
  name: string,
  proc = '/proc',
): Promise<PodTask[]> => {
  const found: PodTask[] = [];
  for (const pid of await new ProcessScan(proc).pidsOf(podUid, id)) {
    if (found.length >= MOST_OF_A_NAME) break;
    if ((await procText(join(proc, String(pid), 'comm'))).trim() !== name) continue;
    const podPid = await podPidOf(join(proc, String(pid)));
    if (podPid !== undefined) found.push({ pid, podPid });
  }
  return found;
};

/**
 * Runs a tool of the agent's own image in the PID namespace of a container's process. The process is held meanwhile, so
 * that its number cannot come to mean another one, of another pod or the node.
 * @throws CommandError, Error when the process is not the container's (any more)
 */
export const runInPidNamespace = async (
  run: CommandRunner,
  { podUid, id, name }: ContainerIdentity,
  pid: number,
  [tool, ...args]: readonly [string, ...string[]],
): Promise<void> => {
  const task = openPath(`/proc/${pid}`, []);
  try {
    const held = `/proc/${process.pid}/fd/${task}`;
    if (!isContainers(readFileSync(`${held}/cgroup`, 'utf8'), podUid, id))
      throw new Error(`process ${pid} is not one of the launcher pod's container ${name}`);
    const argv = ['nsenter', `--pid=${held}/ns/pid`, '--', tool, ...args] as const;
    await run({ name: tool, argv }, { timeoutSeconds: TIMEOUT_SECONDS });
  } finally {
    closeSync(task);
  }
};
