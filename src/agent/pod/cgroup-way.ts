import { readFileSync } from 'node:fs';
import type { CommandRunner } from '../workspace/command.js';
import { cgroupFiles, parseCgroups, requireConfined, type CgroupFile } from './cgroup-paths.js';
import type { ContainerIdentity } from './pod-process.js';

/* How the agent gets at a container's cgroups: to run a command in them, or to make more of them below. */

/** A command that cannot be put where a pod's own processes are, and so does not run. */
export class ConfinementError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ConfinementError';
  }
}

/** The cgroup namespace of the node, where nothing is hidden: that of its first process. */
export const NODE_CGROUPS = ['nsenter', '--cgroup=/proc/1/ns/cgroup', '--'] as const;

/** How commands come into a container's cgroups. */
export interface Way {
  readonly files: readonly CgroupFile[];
  /** The agent is in a cgroup namespace of its own, which it has to leave first. */
  readonly apart: boolean;
}

/**
 * The cgroups that commands for a container join. A runtime may put the agent into a cgroup namespace of its own
 * (containerd does, with cgroups v2, unless the agent is privileged): there the paths of all others begin with `/..`,
 * and the kernel moves nobody out.
 * @throws ConfinementError, CgroupError
 */
export const findWay = async (task: string, { podUid, id }: ContainerIdentity, run: CommandRunner): Promise<Way> => {
  const own = `/proc/${process.pid}`;
  const paths = [`${task}/cgroup`, `${own}/cgroup`, `${own}/mountinfo`] as const;
  const apart = parseCgroups(readFileSync(paths[0], 'utf8')).some(({ path }) => path.split('/').includes('..'));
  const texts = apart ? await readAsNode(paths, run) : paths.map((path) => readFileSync(path, 'utf8'));
  const [target = '', ours = '', mounts = ''] = texts;
  requireConfined(target, podUid, id);
  return { files: cgroupFiles(target, ours, mounts), apart };
};

/** Reads files of /proc as the node's cgroup namespace has them. */
const readAsNode = async (paths: readonly string[], run: CommandRunner): Promise<string[]> => {
  const read = async (path: string): Promise<string> => {
    try {
      const { stdout } = await run({ name: 'cat', argv: [...NODE_CGROUPS, 'cat', '--', path] }, {});
      return stdout.toString('utf8');
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      throw new ConfinementError(`the node's cgroups cannot be seen: ${message.trim()}`, { cause: error });
    }
  };
  return Promise.all(paths.map(read));
};
