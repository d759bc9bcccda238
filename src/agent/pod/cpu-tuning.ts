import { readFileSync, readdirSync } from 'node:fs';
import { cpuSpread, KUBELET_PERIOD, type CpuSpread, type CpuTuning } from '../../api/vmi/cpu-spread.js';
import type { CommandRunner } from '../workspace/command.js';
import { takeSteps, type CgroupStep } from './cgroup-steps.js';
import { containerLimit, readQuota, THREADS_FILE, type CpuCgroup } from './cpu-cgroup.js';
import type { ContainerIdentity } from './pod-process.js';
import { qemuThreads, type QemuThread, type ThreadGroup } from './qemu-threads.js';
import { strayThreads } from './stray-threads.js';

/*
 * Spreads the CPU limit of a launcher pod over the threads of its QEMU, by cgroups below the container's own: what
 * libvirt does where it may, which a session of an unprivileged user may not. The container's limit stays what it is:
 * whatever is below it shares it.
 */

export interface CpuTuningRequest {
  readonly vcpus: number;
  readonly ioThreads: number;
  readonly tuning: CpuTuning;
}

const GROUP = /^(?:vcpu\d{1,4}|iothread\d{1,4}|emulator)$/;
const UNLIMITED = { 1: '-1', 2: 'max' } as const;

const numbers = (path: string): number[] => {
  try {
    return readFileSync(path, 'utf8').split('\n').filter(Boolean).map(Number);
  } catch {
    // Not made yet, or a kernel that does not let a threaded cgroup be asked for its processes.
    return [];
  }
};

/** The groups of a spread, with the quota of each. */
const groupsOf = (spread: CpuSpread, { vcpus, ioThreads }: CpuTuningRequest): Map<string, number> => {
  const groups = new Map<string, number>();
  for (let index = 0; index < vcpus; index += 1) groups.set(`vcpu${index}` satisfies ThreadGroup, spread.vcpu);
  if (spread.emulator !== undefined) groups.set('emulator', spread.emulator);
  if (spread.ioThread !== undefined)
    // libvirt counts them from 1.
    for (let index = 1; index <= ioThreads; index += 1) groups.set(`iothread${index}`, spread.ioThread);
  return groups;
};

/** One application of a request to one container. */
class Tuner {
  constructor(
    private readonly cgroup: CpuCgroup,
    private readonly identity: ContainerIdentity,
    private readonly run: CommandRunner,
    private readonly proc: string,
  ) {}

  async apply(request: CpuTuningRequest): Promise<CpuSpread | undefined> {
    const limit = containerLimit(this.cgroup, this.identity);
    const known = this.knownGroups();
    if (limit === undefined) {
      await this.steps(known.flatMap((group) => this.limits(group, undefined, KUBELET_PERIOD)));
      return undefined;
    }
    const spread = cpuSpread(limit, request.vcpus, request.ioThreads, request.tuning);
    const groups = groupsOf(spread, request);
    const released = known.filter((group) => !groups.has(group));
    await this.steps([
      ...released.flatMap((group) => this.limits(group, undefined, spread.period)),
      ...[...groups.keys()].filter((group) => !known.includes(group)).flatMap((group) => this.make(group)),
      ...this.delegate(groups.size > 0),
    ]);
    await this.steps([...groups].flatMap(([group, quota]) => this.limits(group, quota, spread.period)));
    await this.place(groups);
    return spread;
  }

  private steps(steps: readonly CgroupStep[]): Promise<void> {
    return takeSteps(steps, this.cgroup.apart, this.run);
  }

  private path(...steps: string[]): string {
    return [this.cgroup.directory, ...steps].join('/');
  }

  private knownGroups(): string[] {
    return readdirSync(this.cgroup.directory).filter((name) => GROUP.test(name));
  }

  /**
   * In v2 a threaded cgroup: the container's stays the one of the process, with its memory and all else. The first one
   * makes the container's the root of the threaded tree, which may hold processes itself.
   */
  private make(group: string): CgroupStep[] {
    const made: CgroupStep = { do: 'make', path: this.path(group), value: '' };
    if (this.cgroup.version === 1) return [made];
    return [made, { do: 'write', path: this.path(group, 'cgroup.type'), value: 'threaded' }];
  }

  private delegate(wanted: boolean): CgroupStep[] {
    if (!wanted || this.cgroup.version === 1) return [];
    const path = this.path('cgroup.subtree_control');
    const given = readFileSync(path, 'utf8').trim().split(' ');
    return given.includes('cpu') ? [] : [{ do: 'write', path, value: '+cpu' }];
  }

  /** Nothing where the group has them. v1 compares each number with the container's limit as it is written. */
  private limits(group: string, quota: number | undefined, period: number): CgroupStep[] {
    const { version } = this.cgroup;
    const now = readQuota(version, this.path(group));
    if (now?.quota === quota && (quota === undefined || now?.period === period) && now !== undefined) return [];
    const words = quota === undefined ? UNLIMITED[version] : String(quota);
    if (version === 2) return [{ do: 'write', path: this.path(group, 'cpu.max'), value: `${words} ${period}` }];
    const write = (file: string, value: string): CgroupStep => ({ do: 'write', path: this.path(group, file), value });
    const quotaFile = 'cpu.cfs_quota_us';
    const change = now?.period === period ? [] : [write(quotaFile, '-1'), write('cpu.cfs_period_us', String(period))];
    return quota === undefined ? [write(quotaFile, words)] : [...change, write(quotaFile, words)];
  }

  /** @throws Error when QEMU is not there, or its threads do not stay where they were put */
  private async place(groups: ReadonlyMap<string, number>): Promise<void> {
    const wanted = await this.wanted(groups);
    if (wanted.length === 0) throw new Error('no thread of QEMU was found in the container');
    const moves = this.misplaced(wanted);
    if (moves.length === 0) return;
    await this.steps(
      moves.map(({ id, group }) => ({ do: 'move', path: this.threadsFile(group), value: String(id) }) as const),
    );
    await this.steps(await strayThreads(this.cgroup, this.identity, moves, this.proc));
    const living = new Set((await this.wanted(groups)).map(({ id, group }) => `${id} ${group}`));
    const left = this.misplaced(moves).find(({ id, group }) => living.has(`${id} ${group}`));
    if (left !== undefined) throw new Error(`thread ${left.id} of QEMU could not be put into ${left.group}`);
  }

  private threadsFile(group: string): string {
    return this.path(group, THREADS_FILE[this.cgroup.version]);
  }

  private async wanted(groups: ReadonlyMap<string, number>): Promise<Placement[]> {
    const threads = await qemuThreads(this.processes(), this.proc);
    return threads.flatMap(({ id, group }: QemuThread) =>
      group === undefined || !groups.has(group) ? [] : [{ id, group }],
    );
  }

  /** v1 lists a process where a thread of it is. */
  private processes(): number[] {
    const directories = [this.path(), ...this.knownGroups().map((group) => this.path(group))];
    return [...new Set(directories.flatMap((directory) => numbers(`${directory}/cgroup.procs`)))];
  }

  private misplaced(placements: readonly Placement[]): Placement[] {
    const inside = new Map<string, Set<number>>();
    return placements.filter(({ id, group }) => {
      const there = inside.get(group) ?? new Set(numbers(this.threadsFile(group)));
      inside.set(group, there);
      return !there.has(id);
    });
  }
}

interface Placement {
  readonly id: number;
  readonly group: ThreadGroup;
}

/**
 * @param proc The host's /proc; a test gives its own
 * @returns what was applied; undefined: the container has no CPU limit
 * @throws Error when the cgroups cannot be written
 */
export const tuneCpu = (
  cgroup: CpuCgroup,
  identity: ContainerIdentity,
  request: CpuTuningRequest,
  run: CommandRunner,
  proc = '/proc',
): Promise<CpuSpread | undefined> => new Tuner(cgroup, identity, run, proc).apply(request);
