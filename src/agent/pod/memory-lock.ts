import { CommandError, type CommandRunner } from '../workspace/command.js';
import { processesNamed, runInPidNamespace, type PodTask } from './container-tools.js';
import type { ContainerIdentity } from './pod-process.js';
import { procText } from './proc-text.js';

/** libvirtd, which QEMU has its limits from. */
const LIBVIRTD = 'libvirtd';

/** Both limits, as `/proc/<pid>/limits` prints them. */
const isUnlimited = async ({ pid }: PodTask): Promise<boolean> =>
  /^Max locked memory +unlimited +unlimited /m.test(await procText(`/proc/${pid}/limits`));

/**
 * Lets the QEMU that a container's libvirtd will start lock its memory. What is locked is charged to the pod like all
 * its memory, and a pod whose memory is to be locked has a limit: that is what bounds it.
 * @returns why it may not, if it may not
 */
export const raiseMemoryLock = async (
  container: ContainerIdentity,
  run: CommandRunner,
): Promise<{ readonly denied?: string }> => {
  const daemons = await processesNamed(container, LIBVIRTD);
  if (daemons.length === 0) throw new Error('libvirtd does not run in the launcher pod');
  for (const daemon of daemons) {
    if (await isUnlimited(daemon)) continue;
    const command = ['prlimit', `--pid=${daemon.podPid}`, '--memlock=unlimited:unlimited'] as const;
    try {
      await runInPidNamespace(run, container, daemon.pid, command);
    } catch (error) {
      if (!(error instanceof CommandError) || error.end !== 'failed') throw error;
      // It may have ended meanwhile; then the next try finds another.
      if (!/not permitted/.test(error.stderr)) throw error;
      return { denied: 'the agent lacks the capability SYS_RESOURCE on this node' };
    }
  }
  return {};
};
