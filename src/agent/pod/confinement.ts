import { closeSync, existsSync, readFileSync } from 'node:fs';
import { GUEST_ID } from '../../api/pod-layout.js';
import { CgroupError, isContainers } from './cgroup-paths.js';
import { ConfinementError, findWay, NODE_CGROUPS, type Way } from './cgroup-way.js';
import type { ContainerIdentity, ContainerProcess } from './pod-process.js';
import { openPath } from './sockets.js';
import { runPlan, type Command, type CommandRunner } from '../workspace/command.js';

/**
 * Exit code of the script below when a cgroup cannot be joined: none that the commands of ours or their wrappers use.
 */
export const NOT_JOINED = 121;

/**
 * Arguments: pairs of a hierarchy's name and the file by which it is joined, `--`, then the command. The shell joins
 * and becomes the command, so nothing of it ever runs elsewhere. 0 is the process that writes. The shell is the agent's
 * own.
 */
const JOIN_SCRIPT = `
while [ "$1" != -- ]; do
  echo 0 >"$2" || { echo "the pod's cgroup of $1 cannot be joined" >&2; exit ${NOT_JOINED}; }
  shift 2
done
shift
exec "$@"
`;

/**
 * The namespaces of a container, in the words of nsenter and of /proc. Its cgroup namespace too: the node's other
 * cgroups are not shown.
 */
const NAMESPACES = [
  ['--cgroup', 'cgroup'],
  ['--mount', 'mnt'],
  ['--pid', 'pid'],
  ['--net', 'net'],
  ['--ipc', 'ipc'],
  ['--uts', 'uts'],
] as const;

/**
 * The place where a container's processes are: its namespaces and every one of its cgroups, as the guest's uid. What
 * runs there may open what the container may open, and pays for its memory, processor time and processes as the
 * container does.
 */
export class Confinement {
  /** Does not change: nobody but the runtime can move the process. */
  private way: Way | undefined;

  constructor(
    private readonly container: ContainerIdentity,
    private readonly process: ContainerProcess,
    /** How commands are run, by whatever thread. */
    readonly run: CommandRunner = runPlan,
  ) {}

  /**
   * Gives `use` the command that runs `command` there. The container's process is held meanwhile, so that its number
   * cannot come to mean another one.
   * @throws ConfinementError when the process has ended or does not confine, and what `use` throws
   */
  async around<T>(command: Command, use: (confined: Command) => Promise<T>): Promise<T> {
    const task = openTask(this.process.pid);
    try {
      const held = `/proc/${process.pid}/fd/${task}`;
      const { podUid, id, name } = this.container;
      if (!isContainers(readFileSync(`${held}/cgroup`, 'utf8'), podUid, id))
        throw new ConfinementError(`process ${this.process.pid} is not one of the launcher pod's container ${name}`);
      this.way ??= await findWay(held, this.container, this.run);
      return await use(confinedCommand(held, this.way, command));
    } catch (error) {
      if (error instanceof CgroupError || isGone(error))
        throw new ConfinementError(error instanceof Error ? error.message : String(error), { cause: error });
      throw error;
    } finally {
      closeSync(task);
    }
  }
}

/** The process' directory in /proc, held. @throws ConfinementError when it has ended */
export const openTask = (pid: number): number => {
  try {
    return openPath(`/proc/${pid}`, []);
  } catch (error) {
    throw new ConfinementError('the launcher pod has ended', { cause: error });
  }
};

/** What reading a file of /proc says when the process has ended. */
export const isGone = (error: unknown): boolean =>
  ['ESRCH', 'ENOENT'].includes((error as NodeJS.ErrnoException | undefined)?.code ?? '');

/**
 * First the cgroups, from the agent's own mounts; then nsenter into the pod, never as root: the pod's files, the
 * programs themselves included, are only as trustworthy as the user who created the pod. setpriv is the agent's own and
 * comes before: without it a setuid program in the pod would run with all of the agent's capabilities, for the
 * launcher's
 * `no_new_privs` does not hold for processes that come from outside.
 * @param task A path of the process' directory in /proc that stays with it. Exported for tests.
 */
export const confinedCommand = (task: string, { files, apart }: Way, command: Command): Command => {
  const id = String(GUEST_ID);
  return [
    ...(apart ? NODE_CGROUPS : []),
    ...['sh', '-c', JOIN_SCRIPT, 'join', ...files.flatMap(({ controller, file }) => [controller, file]), '--'],
    ...['setpriv', '--no-new-privs', 'nsenter'],
    ...namespacesOf(task),
    ...['--setgid', id, '--setuid', id, '--', ...command],
  ] as unknown as Command;
};

/** Kernels before 4.6 have no cgroup namespaces. */
const namespacesOf = (task: string): string[] =>
  NAMESPACES.filter(([, name]) => name !== 'cgroup' || existsSync('/proc/self/ns/cgroup')).map(
    ([option, name]) => `${option}=${task}/ns/${name}`,
  );
