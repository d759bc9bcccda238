import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LAUNCHER_PROFILE } from '../../launcher/index.js';
import { errorMessage } from '../../kube/client/api-error.js';
import type { Log } from '../../kube/program/log.js';

/**
 * The seccomp profile of launcher pods in kubelet's directory, from where the runtime reads it when it makes a
 * container. Profiles of other versions are left there: pods that wait may have asked for them.
 */
export class SeccompProfileFile {
  private logged: string | undefined;

  /** @param directory `kubectl-virt` in kubelet's directory of profiles; it exists. */
  constructor(
    private readonly directory: string,
    private readonly log: Pick<Log, 'info' | 'warn'>,
  ) {}

  /**
   * What the file is called by, once it is there and whole; it is written where it is not. Undefined: it cannot be had.
   */
  digest(): string | undefined {
    const path = join(this.directory, LAUNCHER_PROFILE.fileName);
    try {
      if (!isThere(path)) {
        install(path);
        this.log.info({ path }, 'seccomp profile of launcher pods written');
      }
      this.logged = undefined;
      return LAUNCHER_PROFILE.digest;
    } catch (error) {
      const message = errorMessage(error);
      // Asked with every report: a lasting problem is logged once.
      if (message !== this.logged) {
        this.log.warn(
          { path, error: message },
          'seccomp profile not written: VMs with a network are placed on other nodes. Mount the directory into the agent (volume "seccomp" of manifests/virt-agent.yaml)',
        );
      }
      this.logged = message;
      return undefined;
    }
  }
}

const isThere = (path: string): boolean => {
  try {
    return readFileSync(path, 'utf8') === LAUNCHER_PROFILE.text;
  } catch {
    return false;
  }
};

/**
 * Under another name first, and on the disk before it has its own: a runtime never reads half of it, whenever the node
 * dies.
 */
const install = (path: string): void => {
  const staging = `${path}.new`;
  const file = openSync(staging, 'w', 0o644);
  try {
    writeFileSync(file, LAUNCHER_PROFILE.text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(staging, path);
};
