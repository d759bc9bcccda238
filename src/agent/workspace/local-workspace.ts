import { join } from 'node:path';
import type { VmPaths } from '../../api/pod-layout.js';
import { runPlan, withLimits, type Command, type CommandOutput, type RunOptions } from './command.js';
import { Workspace } from './workspace.js';

/** The paths of a VM whose files all lie in one directory of the user's. Unix sockets need it short: 107 bytes in all. */
export const localPaths = (directory: string): VmPaths => {
  const at = (...parts: string[]): string => join(directory, ...parts);
  return {
    serialSocket: at('serial0'),
    vncSocket: at('vnc'),
    guestAgentSocket: at('guest-agent'),
    overlay: (volume) => at('overlays', `${volume}.qcow2`),
    containerDisk: (volume) => at('images', volume),
    emptyDisk: (volume) => at('emptydisks', `${volume}.qcow2`),
    cloudInitIso: (volume) => at('cloud-init', `${volume}.iso`),
    secret: (volume) => at('secret', volume),
    content: (volume) => at('content', volume),
    contentIso: (volume) => at('content-images', `${volume}.iso`),
    persistentVolume: (volume) => at('vmi-disks', volume),
    blockDevice: (volume) => at('block', volume),
    downwardMetrics: (volume) => at('downward-metrics', volume),
    downwardMetricsSocket: at('metrics'),
  };
};

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
