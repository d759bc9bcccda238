import { dirname, posix } from 'node:path';
import { runPlan, type CommandRunner } from '../workspace/command.js';
import { cgroupFiles, parseCgroups, requireConfined } from './cgroup-paths.js';
import type { ContainerIdentity } from './pod-process.js';
import { kernelText } from './small-file.js';

/** Directories of a container's cgroups, as the agent sees them. The same one for all with cgroups v2. */
export interface ContainerCgroups {
  readonly version: 1 | 2;
  readonly cpu: string | undefined;
  readonly cpuacct: string | undefined;
  readonly memory: string | undefined;
}

/** Reads a file of /proc in the cgroup namespace of the node's first process, where nothing is hidden. */
const asNode =
  (run: CommandRunner) =>
  async (path: string): Promise<string> => {
    const argv = ['nsenter', '--cgroup=/proc/1/ns/cgroup', '--', 'cat', '--', path] as const;
    const { stdout } = await run({ name: 'cat', argv: [...argv] }, {});
    return stdout.toString('utf8');
  };

/**
 * Where the agent's own cgroup namespace begins, in the node's: with it `/../pod1/a` becomes a whole path. One process
 * in the agent's life, not one for each VM. Exported for tests.
 */
export const namespaceRoot = (within: string, ofNode: string): string => {
  const unified = (text: string): string =>
    parseCgroups(text).find(({ controllers }) => controllers.length === 0)?.path ?? '/';
  const [below, whole] = [unified(within), unified(ofNode)];
  return below !== '/' && whole.endsWith(below) ? whole.slice(0, -below.length) || '/' : whole;
};

/** A line of /proc/<pid>/cgroup, or a mount's root, as the node has it. Exported for tests. */
export const asNodeSees = (root: string, path: string): string => posix.join(root, path);

let root: Promise<string> | undefined;

const rootOf = (run: CommandRunner): Promise<string> => {
  root ??= asNode(run)(`/proc/${process.pid}/cgroup`)
    .then((ofNode) => namespaceRoot(kernelText('/proc/self/cgroup') ?? '', ofNode))
    .catch((error: unknown) => {
      root = undefined;
      throw error;
    });
  return root;
};

const withRoot = (text: string, above: string): string =>
  text.replace(/^(\d+:[^:\n]*:)(\/.*)$/gm, (_, head: string, path: string) => head + asNodeSees(above, path));

/** The fourth word of a mount of cgroups is its root. */
const mountsWithRoot = (text: string, above: string): string =>
  text.replace(
    /^(\d+ \d+ \S+ )(\/\S*)( .* - cgroup2 .*)$/gm,
    (_, head: string, path: string, rest: string) => head + asNodeSees(above, path) + rest,
  );

/**
 * The cgroups of a container, by one of its processes.
 * @throws CgroupError when they are not the container's own, or the agent has no mount of them
 */
export const containerCgroups = async (
  pid: number,
  { podUid, id }: ContainerIdentity,
  run: CommandRunner = runPlan,
): Promise<ContainerCgroups> => {
  let target = kernelText(`/proc/${pid}/cgroup`) ?? '';
  let mounts = kernelText('/proc/self/mountinfo') ?? '';
  if (target.split('\n').some((line) => line.split('/').includes('..'))) {
    const above = await rootOf(run);
    [target, mounts] = [withRoot(target, above), mountsWithRoot(mounts, above)];
  }
  requireConfined(target, podUid, id);
  return directoriesOf(target, mounts);
};

/** Exported for tests. @param target, mounts as the node has them */
export const directoriesOf = (target: string, mounts: string): ContainerCgroups => {
  const wanted = target
    .split('\n')
    .filter((line) => /^\d+:(?:|[^:]*\b(?:cpu|cpuacct|memory)\b[^:]*):/.test(line))
    .join('\n');
  const v1 = parseCgroups(wanted).some(({ controllers }) => controllers.includes('memory'));
  const files = cgroupFiles(v1 ? wanted.replace(/^\d+::.*$/gm, '') : wanted, '', mounts);
  const find = (controller: string): string | undefined => {
    const found = files.find(({ controller: name }) => name.split(',').includes(controller) || name === 'v2');
    return found && dirname(found.file);
  };
  return { version: v1 ? 1 : 2, cpu: find('cpu'), cpuacct: find('cpuacct'), memory: find('memory') };
};
