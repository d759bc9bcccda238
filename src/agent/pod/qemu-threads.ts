import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { procText } from './proc-text.js';

/*
 * The threads of a container's QEMU, by what they do. Names of processes and threads are the pod's to choose: a wrong
 * one puts a thread of the pod into another group of the same pod.
 */

/** What a thread is for: the name of its cgroup, as libvirt has it; undefined: none of these. */
export type ThreadGroup = `vcpu${number}` | `iothread${number}` | 'emulator';

export interface QemuThread {
  readonly id: number;
  readonly group: ThreadGroup | undefined;
}

/** As many as are looked at: QEMU has a few more than the VM has vCPUs, and a pod may make thousands. */
const MAX_PROCESSES = 256;
export const MAX_THREADS = 1024;

/** The kernel keeps 15 characters of a name. */
const QEMU = 'qemu-system-';
/** QEMU's names of threads (with debug-threads=on, as libvirt starts it). */
const VCPU = /^CPU (\d{1,4})\/(?:KVM|TCG)$/;
const IO_THREAD = /^IO iothread(\d{1,4})$/;
/** One thread for all vCPUs, where emulation cannot have several: it may use the whole limit. */
const ALL_VCPUS = /^ALL CPUs\//;

/** Exported for tests. */
export const threadGroup = (name: string): ThreadGroup | undefined => {
  const vcpu = VCPU.exec(name)?.[1];
  if (vcpu !== undefined) return `vcpu${Number(vcpu)}`;
  const ioThread = IO_THREAD.exec(name)?.[1];
  if (ioThread !== undefined) return `iothread${Number(ioThread)}`;
  return ALL_VCPUS.test(name) ? undefined : 'emulator';
};

const threadsOf = async (pid: number, proc: string): Promise<QemuThread[]> => {
  const tasks = join(proc, String(pid), 'task');
  let ids: string[];
  try {
    ids = await readdir(tasks);
  } catch {
    // It has ended.
    return [];
  }
  return Promise.all(
    ids.slice(0, MAX_THREADS).map(async (id) => {
      const name = (await procText(join(tasks, id, 'comm'))).trimEnd();
      return { id: Number(id), group: threadGroup(name) };
    }),
  );
};

/** Of the processes with these numbers, the threads of those that are a QEMU. */
export const qemuThreads = async (pids: readonly number[], proc = '/proc'): Promise<QemuThread[]> => {
  const found = await Promise.all(
    pids.slice(0, MAX_PROCESSES).map(async (pid) => {
      const name = await procText(join(proc, String(pid), 'comm'));
      return name.startsWith(QEMU) ? threadsOf(pid, proc) : [];
    }),
  );
  return found.flat().slice(0, MAX_THREADS);
};
