import { localPaths, type VmPaths } from '../../api/pod-layout.js';
import { runPlan, withLimits, type Command, type CommandOutput, type RunOptions } from './command.js';
import { Workspace } from './workspace.js';

/** A directory on this machine (`kubectl virt run`, tests). */
export class LocalWorkspace extends Workspace {
  readonly paths: VmPaths;

  /** @param user Whom commands run as; only root can choose. Default: the caller. */
  constructor(
    directory: string,
    private readonly user?: { readonly uid: number; readonly gid: number },
  ) {
    super();
    this.paths = localPaths(directory);
  }

  override run(command: Command, options: RunOptions = {}): Promise<CommandOutput> {
    return runPlan({ name: options.name ?? command[0], argv: withLimits(command, options), ...this.user }, options);
  }
}
