import { readdir } from 'node:fs/promises';
import { CommandError, type CommandRunner } from '../workspace/command.js';
import { podPidOf, processesNamed, runInPidNamespace, type PodTask } from './container-tools.js';
import type { ContainerIdentity } from './pod-process.js';
import { procText } from './proc-text.js';

/** The kernel keeps the first 15 characters of a program's name. */
const QEMU = 'qemu-system-x86';
/** The least above all threads that are not scheduled in real time. */
const PRIORITY = '1';

/** QEMU names its threads: `CPU 0/KVM`. */
const vcpuOf = (name: string): number | undefined => {
  const number = /^CPU (\d{1,4})\/(?:KVM|TCG)$/.exec(name.trim())?.[1];
  return number === undefined ? undefined : Number(number);
};

/** The threads of these vCPUs. */
export const vcpuThreads = async (pid: number, vcpus: readonly number[], proc = '/proc'): Promise<PodTask[]> => {
  const wanted = new Set(vcpus);
  const found: PodTask[] = [];
  for (const tid of await readdir(`${proc}/${pid}/task`)) {
    const directory = `${proc}/${pid}/task/${tid}`;
    const vcpu = vcpuOf(await procText(`${directory}/comm`));
    // One thread for each, whatever a guest that left QEMU names its own.
    if (vcpu === undefined || !wanted.delete(vcpu)) continue;
    const podPid = await podPidOf(directory);
    if (podPid !== undefined) found.push({ pid: Number(tid), podPid });
  }
  return found;
};

/**
 * Schedules the vCPUs of a container's QEMU in real time (SCHED_FIFO), which a session libvirtd may not. They have CPUs
 * of their own, so nobody else's thread waits for them. Safe to repeat.
 * @returns why they cannot be, if they cannot
 */
export const scheduleRealtime = async (
  container: ContainerIdentity,
  vcpus: readonly number[],
  run: CommandRunner,
): Promise<{ readonly denied?: string }> => {
  const [qemu] = await processesNamed(container, QEMU);
  if (qemu === undefined) throw new Error('QEMU does not run in the launcher pod');
  for (const { podPid } of await vcpuThreads(qemu.pid, vcpus)) {
    try {
      await runInPidNamespace(run, container, qemu.pid, ['chrt', '--fifo', '--pid', PRIORITY, String(podPid)]);
    } catch (error) {
      if (!(error instanceof CommandError) || !/not permitted/.test(error.stderr)) throw error;
      return {
        denied:
          'the agent lacks the capability SYS_NICE on this node, or the kernel gives the pod’s cgroup no real-time budget (CONFIG_RT_GROUP_SCHED)',
      };
    }
  }
  return {};
};
