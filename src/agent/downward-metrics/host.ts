import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { HostMemory, HostMetrics } from './report.js';

/** /proc and /sys of the node; the agent sees the node's own, containers or not. */
export interface HostFiles {
  readonly proc: string;
  readonly cpus: string;
}
const HOST_FILES: HostFiles = { proc: '/proc', cpus: '/sys/devices/system/cpu' };

/** USER_HZ, which is 100 wherever Node runs. */
const TICKS_PER_SECOND = 100;
/** Of a page, on amd64, where guests run. */
const PAGE_KIB = 4n;

/** `Name:   123 kB` or `name 123`, one a line. */
const readTable = (text: string): ReadonlyMap<string, bigint> =>
  new Map([...text.matchAll(/^(\w+):?[ \t]+(\d+)/gm)].map(([, name = '', value = '0']) => [name, BigInt(value)]));

/** Undefined when the kernel does not report all that is requested. */
const from = <Name extends string, Result>(
  text: string,
  names: readonly Name[],
  make: (values: Readonly<Record<Name, bigint>>) => Result,
): Result | undefined => {
  const table = readTable(text);
  if (!names.every((name) => table.has(name))) return undefined;
  return make(Object.fromEntries(names.map((name) => [name, table.get(name) ?? 0n])) as Record<Name, bigint>);
};

const MEMORY = ['MemTotal', 'MemFree', 'Buffers', 'Cached', 'SwapTotal', 'SwapFree', 'SwapCached'] as const;

/** Of /proc/meminfo. Source of each: docs/reference/domain.md §7.2. */
const parseMemory = (text: string): HostMemory | undefined =>
  from(text, MEMORY, ({ MemTotal, MemFree, Buffers, Cached, SwapTotal, SwapFree, SwapCached }) => ({
    free: MemFree,
    freeWithSwap: MemFree + SwapFree,
    used: MemTotal - MemFree - Buffers - Cached,
    usedWithSwap: MemTotal + SwapTotal - MemFree - Cached - Buffers - SwapCached,
  }));

/** Of /proc/vmstat. */
const parsePaging = (text: string): HostMetrics['paging'] =>
  from(text, ['pswpin', 'pswpout'], ({ pswpin, pswpout }) => ({
    inKiB: pswpin * PAGE_KIB,
    outKiB: pswpout * PAGE_KIB,
  }));

/** Of /proc/stat: user, nice and system of all CPUs. */
const parseCpuSeconds = (text: string): number | undefined => {
  const [, user, nice, system] = /^cpu +(\d+) (\d+) (\d+)/m.exec(text) ?? [];
  if (user === undefined || nice === undefined || system === undefined) return undefined;
  return (Number(user) + Number(nice) + Number(system)) / TICKS_PER_SECOND;
};

const countPackages = async (directory: string): Promise<number | undefined> => {
  const cpus = (await readdir(directory)).filter((name) => /^cpu\d+$/.test(name));
  const packages = await Promise.all(
    // A CPU that is offline has no topology.
    cpus.map((cpu) => readText(join(directory, cpu, 'topology', 'physical_package_id'))),
  );
  return new Set(packages.filter((id) => id !== undefined)).size || undefined;
};

const readText = (path: string): Promise<string | undefined> => readFile(path, 'utf8').catch(() => undefined);

const parsed = async <Result>(
  path: string,
  parse: (text: string) => Result | undefined,
): Promise<Result | undefined> => {
  const text = await readText(path);
  return text === undefined ? undefined : parse(text);
};

/** Reads the node's metrics: three small files, whatever the number of guests. */
export class HostReader {
  /** Boards do not change while they run. */
  private packages: Promise<number | undefined> | undefined;

  constructor(
    private readonly name: string,
    private readonly files: HostFiles = HOST_FILES,
  ) {}

  /** @param now milliseconds since 1970 */
  async read(now: number): Promise<HostMetrics> {
    const { proc, cpus } = this.files;
    this.packages ??= countPackages(cpus).catch(() => undefined);
    const [physicalCpus, cpuSeconds, memory, paging] = await Promise.all([
      this.packages,
      parsed(join(proc, 'stat'), parseCpuSeconds),
      parsed(join(proc, 'meminfo'), parseMemory),
      parsed(join(proc, 'vmstat'), parsePaging),
    ]);
    return { name: this.name, time: Math.floor(now / 1000), physicalCpus, cpuSeconds, memory, paging };
  }
}
