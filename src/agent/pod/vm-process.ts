import { join } from 'node:path';
import { parseStartTime } from './pod-process.js';
import { threadGroup } from './qemu-threads.js';
import { kernelNames, kernelTable, kernelText } from './small-file.js';

/* What the kernel says of a VM's QEMU and its threads. */

/** Of one virtual CPU. */
export interface VcpuTime {
  readonly id: number;
  readonly seconds: number;
  /** It could run, and others ran instead. */
  readonly delaySeconds: number;
  /** It waited for a disk of the node. Undefined: the kernel does not count it (`kernel.sched_schedstats`). */
  readonly waitSeconds?: number;
}

export interface VmProcess {
  readonly residentBytes: number;
  readonly swapBytes: number;
  /** Memory that it shares with others by KSM; undefined where the kernel does not say. */
  readonly ksmMergedBytes?: number;
  readonly vcpus: readonly VcpuTime[];
  /** Of its I/O threads together. */
  readonly ioThreadSeconds: number;
  /** Of all other threads, those that have ended included. */
  readonly emulatorSeconds: number;
}

/** Threads of one QEMU that are looked at: its vCPUs, I/O threads and workers. */
const MAX_THREADS = 5_000;
/** Processes of a container that are looked at: libvirtd, QEMU, passt and their helpers are ten. */
const MAX_PROCESSES = 1_000;
/** USER_HZ, which is 100 wherever Node runs. */
const TICKS_PER_SECOND = 100;
const NANOSECONDS = 1e9;
/** Of a page, on amd64, where guests run. */
const PAGE_BYTES = 4096;

interface Stat {
  readonly name: string;
  readonly startTime: bigint;
  readonly seconds: number;
  readonly threads: number;
  readonly ended: boolean;
}

/** Fields of /proc/<pid>/stat; the second, the program's name, may hold anything. Exported for tests. */
export const parseStat = (text: string): Stat | undefined => {
  const [open, close] = [text.indexOf('('), text.lastIndexOf(')')];
  const fields = text.slice(close + 2).split(' ');
  const at = (field: number): number => Number(fields[field - 3]);
  const startTime = parseStartTime(text);
  if (open === -1 || close < open || startTime === undefined || !Number.isFinite(at(14) + at(15))) return undefined;
  return {
    name: text.slice(open + 1, close),
    startTime,
    seconds: (at(14) + at(15)) / TICKS_PER_SECOND,
    threads: at(20),
    ended: fields[0] === 'Z' || fields[0] === 'X',
  };
};

const QEMU = /^qemu-(?:system|kvm)/;

interface Known {
  readonly pid: number;
  readonly startTime: bigint;
  threads: number;
  vcpus: readonly (readonly [id: number, thread: string])[];
  ioThreads: readonly string[];
}

/**
 * Reads them at every look; what does not change while QEMU runs (which process it is, which thread is which vCPU) is
 * found once.
 */
export class VmProcessReader {
  private known: Known | undefined;
  private emulator = 0;

  /** @param cgroup One that holds the processes of the VM's container and no others. */
  constructor(
    private readonly cgroup: string,
    private readonly proc = '/proc',
  ) {}

  /** Undefined while there is no QEMU. */
  read(): VmProcess | undefined {
    const stat = this.current() ?? this.find();
    if (stat === undefined || this.known === undefined) return undefined;
    if (stat.threads !== this.known.threads) this.learnThreads(this.known, stat.threads);
    const { pid } = this.known;
    const status = kernelTable(kernelText(this.path(pid, 'status')));
    const vcpus = this.known.vcpus.flatMap(([id, thread]) => this.vcpu(id, thread));
    const ioThreadSeconds = sum(this.known.ioThreads.map((thread) => this.runTime(thread)[0]));
    // The total is in hundredths of a second and the threads' in nanoseconds: what is left may seem to shrink, and a
    // counter that does would be taken for one that began again.
    const rest = stat.seconds - sum(vcpus.map(({ seconds }) => seconds)) - ioThreadSeconds;
    this.emulator = Math.max(this.emulator, rest);
    return {
      // Huge pages are counted apart.
      residentBytes: ((status.get('VmRSS') ?? 0) + (status.get('HugetlbPages') ?? 0)) * 1024,
      swapBytes: (status.get('VmSwap') ?? 0) * 1024,
      ...this.ksm(pid),
      vcpus,
      ioThreadSeconds,
      emulatorSeconds: this.emulator,
    };
  }

  private path(pid: number | string, file: string): string {
    return join(this.proc, String(pid), file);
  }

  private current(): Stat | undefined {
    if (this.known === undefined) return undefined;
    const stat = this.stat(this.known.pid);
    return stat?.startTime === this.known.startTime ? stat : undefined;
  }

  private stat(pid: number | string): Stat | undefined {
    const stat = parseStat(kernelText(this.path(pid, 'stat')) ?? '');
    return stat?.ended === false ? stat : undefined;
  }

  /** The oldest of the container's that is called so: libvirtd starts others to ask what QEMU can do. */
  private find(): Stat | undefined {
    this.known = undefined;
    this.emulator = 0;
    const found = this.pids(this.cgroup, 2)
      .slice(0, MAX_PROCESSES)
      .flatMap((pid) => {
        const stat = this.stat(pid);
        return stat !== undefined && QEMU.test(stat.name) ? [{ pid, stat }] : [];
      })
      .toSorted((a, b) => (a.stat.startTime < b.stat.startTime ? -1 : 1))
      .at(0);
    if (found === undefined) return undefined;
    const { pid, stat } = found;
    this.known = { pid: Number(pid), startTime: stat.startTime, threads: -1, vcpus: [], ioThreads: [] };
    return stat;
  }

  /** With cgroups v2 processes may be in cgroups below the container's. */
  private pids(directory: string, depth: number): string[] {
    const own = (kernelText(join(directory, 'cgroup.procs')) ?? '').split('\n').filter((pid) => /^\d+$/.test(pid));
    if (own.length > 0 || depth === 0) return own;
    return kernelNames(directory)
      .filter((name) => !name.includes('.'))
      .flatMap((name) => this.pids(join(directory, name), depth - 1));
  }

  private learnThreads(known: Known, threads: number): void {
    const named = kernelNames(this.path(known.pid, 'task'))
      .slice(0, MAX_THREADS)
      .map((thread) => {
        const name = kernelText(this.path(known.pid, `task/${thread}/comm`))?.trimEnd() ?? '';
        return [thread, threadGroup(name) ?? ''] as const;
      });
    known.vcpus = named.flatMap(([thread, group]) =>
      group.startsWith('vcpu') ? [[Number(group.slice('vcpu'.length)), thread] as const] : [],
    );
    known.ioThreads = named.flatMap(([thread, group]) => (group.startsWith('iothread') ? [thread] : []));
    known.threads = threads;
  }

  /** On a CPU, and in the queue for one: nanoseconds in `schedstat`. */
  private runTime(thread: string): readonly [ran: number, queued: number] {
    const text = kernelText(this.path(this.known?.pid ?? 0, `task/${thread}/schedstat`)) ?? '';
    const [ran = 0, queued = 0] = text.split(' ', 2).map((value) => Number(value) / NANOSECONDS);
    return [ran, queued];
  }

  private vcpu(id: number, thread: string): VcpuTime[] {
    const [seconds, delaySeconds] = this.runTime(thread);
    if (!(seconds > 0)) return [];
    const wait = this.waits() ? this.waitSeconds(thread) : undefined;
    return [{ id, seconds, delaySeconds, ...(wait === undefined ? {} : { waitSeconds: wait }) }];
  }

  private waits(): boolean {
    return kernelText(join(this.proc, 'sys/kernel/sched_schedstats'))?.trim() === '1';
  }

  /** Milliseconds, in a file that the kernel takes longer to write than all others together. */
  private waitSeconds(thread: string): number | undefined {
    const text = kernelText(this.path(this.known?.pid ?? 0, `task/${thread}/sched`)) ?? '';
    const found = /^(?:se\.statistics\.)?iowait_sum\s*:\s*(\d+(?:\.\d+)?)$/m.exec(text)?.[1];
    return found === undefined ? undefined : Number(found) / 1000;
  }

  private ksm(pid: number): { readonly ksmMergedBytes?: number } {
    const pages = kernelText(this.path(pid, 'ksm_merging_pages'))?.trim() ?? '';
    return /^\d{1,15}$/.test(pages) ? { ksmMergedBytes: Number(pages) * PAGE_BYTES } : {};
  }
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
