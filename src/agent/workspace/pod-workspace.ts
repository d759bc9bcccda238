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
    return this.enter(['--setgid', id, '--setuid', id], command, options);
  }

  /**
   * Gives a device node of the pod to the guest's uid. The runtime makes it for root, in the pod's own /dev, where only
   * root can put anything; `chown` is the launcher image's, which the pod cannot change.
   */
  async claimDevice(path: '/dev/kvm'): Promise<void> {
    await this.enter([], ['chown', '--no-dereference', `${GUEST_ID}:${GUEST_ID}`, path], {});
  }

  private enter(user: readonly string[], command: Command, options: RunOptions): Promise<CommandOutput> {
    const namespaces = ['--mount', '--pid', '--net', '--ipc', '--uts'];
    return runPlan(
      {
        name: command[0],
        argv: ['nsenter', '--target', String(this.pid), ...namespaces, ...user, '--', ...withLimits(command, options)],
      },
      options,
    );
  }
}
