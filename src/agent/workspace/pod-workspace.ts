import { GUEST_ID, podPaths, type VmPaths } from '../../api/pod-layout.js';
import { runPlan, withLimits, type Command, type CommandOutput, type RunOptions } from './command.js';
import { Workspace } from './workspace.js';

/**
 * A running launcher pod. Commands run in all of the compute container's namespaces as the guest's uid: with its network
 * too, so that a guest that takes over one of our commands (same uid, shared PID namespace) gains nothing by it.
 */
export class PodWorkspace extends Workspace {
  readonly paths: VmPaths;

  /** @param pid A process of the compute container, as the agent's PID namespace (the host's) numbers it. */
  constructor(
    vmiUid: string,
    private readonly pid: number,
  ) {
    super();
    this.paths = podPaths(vmiUid);
  }

  override run(command: Command, options: RunOptions = {}): Promise<CommandOutput> {
    return runPlan(
      { name: options.name ?? command[0], argv: podCommand(this.pid, withLimits(command, options)) },
      options,
    );
  }
}

/**
 * nsenter into the pod, never as root: the pod's files, the programs themselves included, are only as good as whoever
 * made the pod. setpriv is the agent's own and comes first: without it a setuid program in the pod would run with all of
 * the agent's capabilities, for the launcher's `no_new_privs` does not hold for processes that come from outside.
 * Exported for tests.
 */
export const podCommand = (pid: number, command: Command): Command => {
  const id = String(GUEST_ID);
  const namespaces = ['--mount', '--pid', '--net', '--ipc', '--uts'];
  return [
    ...['setpriv', '--no-new-privs', 'nsenter', '--target', String(pid), ...namespaces],
    ...['--setgid', id, '--setuid', id, '--', ...command],
  ] as unknown as Command;
};
