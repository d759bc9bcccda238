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
    const id = String(GUEST_ID);
    const enter = ['nsenter', '--target', String(this.pid), '--mount', '--pid', '--net', '--ipc', '--uts'] as const;
    return runPlan(
      { name: command[0], argv: [...enter, '--setgid', id, '--setuid', id, '--', ...withLimits(command, options)] },
      options,
    );
  }
}
