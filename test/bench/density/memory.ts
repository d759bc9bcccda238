import { readdirSync, readFileSync } from 'node:fs';

/* What the processes of a pod really have, MiB, told apart by what is charged to whom. */

export interface Usage {
  /** Resident pages of the guest's own memory. */
  readonly guest: number;
  /** QEMU's cache of translated code; there is none under KVM. */
  readonly translations: number;
  /** All else, proportionally for what is shared with other processes: Pss. */
  readonly processes: number;
  /** Page tables and the kernel's stacks of the threads, which the pod's cgroup is charged for too. */
  readonly kernel: number;
}

const KIB = 1024;
/** Of a thread on x86-64. */
const STACK_KIB = 16;

interface Mapping {
  readonly sizeKib: number;
  readonly pssKib: number;
  readonly rssKib: number;
  readonly permissions: string;
  readonly file: string;
}

const HEADER = /^[\da-f]+-[\da-f]+ (\S{4}) \S+ \S+ \S+ *(.*)$/;

const mappings = (pid: string): Mapping[] => {
  const found: { permissions: string; file: string; values: Map<string, number> }[] = [];
  for (const line of readFileSync(`/proc/${pid}/smaps`, 'utf8').split('\n')) {
    const header = HEADER.exec(line);
    if (header !== null) {
      found.push({ permissions: header[1] ?? '', file: header[2] ?? '', values: new Map() });
      continue;
    }
    const value = /^(\w+): +(\d+) kB$/.exec(line);
    if (value !== null) found.at(-1)?.values.set(value[1] ?? '', Number(value[2]));
  }
  return found.map(({ permissions, file, values }) => ({
    permissions,
    file,
    sizeKib: values.get('Size') ?? 0,
    pssKib: values.get('Pss') ?? 0,
    rssKib: values.get('Rss') ?? 0,
  }));
};

const kernelKib = (pid: string): number => {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return (
    Number(/^VmPTE:\s+(\d+)/m.exec(status)?.[1] ?? 0) + STACK_KIB * Number(/^Threads:\s+(\d+)/m.exec(status)?.[1] ?? 1)
  );
};

/** @param guestMib how a QEMU's mapping of its guest's memory is known: by its size */
export const usageOf = (pids: readonly string[], guestMib: number): Usage => {
  const sum = { guest: 0, translations: 0, processes: 0, kernel: 0 };
  for (const pid of pids) {
    try {
      for (const { sizeKib, pssKib, rssKib, permissions, file } of mappings(pid)) {
        if (sizeKib === guestMib * KIB && permissions.startsWith('rw-')) sum.guest += rssKib;
        // Nothing else that is loaded may be written and executed.
        else if (permissions.startsWith('rwx') && file === '') sum.translations += pssKib;
        else sum.processes += pssKib;
      }
      sum.kernel += kernelKib(pid);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ENOENT' && code !== 'ESRCH') throw error; // It ended meanwhile.
    }
  }
  return {
    guest: sum.guest / KIB,
    translations: sum.translations / KIB,
    processes: sum.processes / KIB,
    kernel: sum.kernel / KIB,
  };
};

/** Processes of a user whose environment names the directory: what a pod's processes are to its cgroup. */
export const processesOf = (directory: string): string[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const environment = readFileSync(`/proc/${pid}/environ`, 'latin1');
        return environment.includes(`PRIVATE_DIR=${directory}/`) || environment.includes(`HOME=${directory}/`);
      } catch {
        return false;
      }
    });
