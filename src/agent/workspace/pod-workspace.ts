import { podPaths, type VmPaths } from '../../api/pod-layout.js';
import { ConfinementError } from '../pod/cgroup-way.js';
import { NOT_JOINED, type Confinement } from '../pod/confinement.js';
import { CommandError, withLimits, type Command, type CommandOutput, type RunOptions } from './command.js';
import { Workspace } from './workspace.js';

/**
 * A running launcher pod. Commands run in the compute container's confinement, all of its namespaces and cgroups, as
 * the guest's uid: they can open and use up what the guest's own processes can. With its network too, so that a guest
 * that takes over one of our commands (same uid, shared PID namespace) gains nothing by it.
 */
export class PodWorkspace extends Workspace {
  readonly paths: VmPaths;

  constructor(
    vmiUid: string,
    /** Of the compute container. */
    private readonly confinement: Confinement,
  ) {
    super();
    this.paths = podPaths(vmiUid);
  }

  override run(command: Command, options: RunOptions = {}): Promise<CommandOutput> {
    const name = options.name ?? command[0];
    return this.confinement.around(withLimits(command, options), async (argv) => {
      try {
        return await this.confinement.run({ name, argv }, options);
      } catch (error) {
        throw neverRan(error) ? new ConfinementError(`${name} did not run: ${error.stderr.trim()}`) : error;
      }
    });
  }
}

/** What the agent's own programs say when they cannot put a command into the pod. */
const REFUSED = /^(?:nsenter|setpriv): /m;

/** Whether a command failed before it began: then its exit code says nothing about what was asked. */
const neverRan = (error: unknown): error is CommandError =>
  error instanceof CommandError &&
  (error.exitCode === NOT_JOINED || (error.exitCode === 1 && REFUSED.test(error.stderr)));
