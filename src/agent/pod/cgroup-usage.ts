import { join } from 'node:path';
import type { ContainerCgroups } from './container-cgroups.js';
import { kernelNames, kernelTable, kernelText } from './small-file.js';

/** What a VM's container has used, everything in it: QEMU, libvirtd, the network's helper. */
export interface CgroupUsage {
  readonly cpuSeconds?: number;
  readonly cpuUserSeconds?: number;
  readonly cpuSystemSeconds?: number;
  /** What a limit held back: of the container, and of groups of threads below it. */
  readonly throttled: readonly { readonly scope: string; readonly seconds: number }[];
  /** Memory that is in no file: the guest's and the programs' own. */
  readonly anonymousBytes?: number;
}

const TICKS_PER_SECOND = 100;
/** Cgroups below the container's, one for each vCPU and two more. */
const MAX_SCOPES = 300;
/** The agent makes them; others' names are not shown. */
const SCOPE = /^(?:vcpu\d{1,4}|emulator|iothreads?\d{0,4})$/;

const perSecond = (value: number | undefined, unit: number): number | undefined =>
  value === undefined ? undefined : value / unit;

const readCpu = ({ version, cpu, cpuacct }: ContainerCgroups): Omit<CgroupUsage, 'throttled' | 'anonymousBytes'> => {
  if (version === 2) {
    const stat = kernelTable(cpu && kernelText(join(cpu, 'cpu.stat')));
    return {
      cpuSeconds: perSecond(stat.get('usage_usec'), 1e6),
      cpuUserSeconds: perSecond(stat.get('user_usec'), 1e6),
      cpuSystemSeconds: perSecond(stat.get('system_usec'), 1e6),
    };
  }
  if (cpuacct === undefined) return {};
  const usage = kernelText(join(cpuacct, 'cpuacct.usage'))?.trim() ?? '';
  const stat = kernelTable(kernelText(join(cpuacct, 'cpuacct.stat')));
  return {
    cpuSeconds: /^\d{1,20}$/.test(usage) ? Number(usage) / 1e9 : undefined,
    cpuUserSeconds: perSecond(stat.get('user'), TICKS_PER_SECOND),
    cpuSystemSeconds: perSecond(stat.get('system'), TICKS_PER_SECOND),
  };
};

const throttledOf = (directory: string): number | undefined => {
  const stat = kernelTable(kernelText(join(directory, 'cpu.stat')));
  return perSecond(stat.get('throttled_usec'), 1e6) ?? perSecond(stat.get('throttled_time'), 1e9);
};

const readThrottled = (directory: string | undefined): CgroupUsage['throttled'] => {
  if (directory === undefined) return [];
  const below = kernelNames(directory).filter((name) => SCOPE.test(name));
  const scopes = [['pod', directory] as const, ...below.map((name) => [name, join(directory, name)] as const)];
  return scopes.slice(0, MAX_SCOPES).flatMap(([scope, at]) => {
    const seconds = throttledOf(at);
    return seconds === undefined ? [] : [{ scope, seconds }];
  });
};

/** v1 has `rss` for what v2 calls `anon`; `total_` counts what is below too. */
const readAnonymous = (directory: string | undefined): number | undefined => {
  const stat = kernelTable(directory && kernelText(join(directory, 'memory.stat')));
  return stat.get('anon') ?? stat.get('total_rss') ?? stat.get('rss');
};

export const cgroupUsage = (cgroups: ContainerCgroups): CgroupUsage => ({
  ...readCpu(cgroups),
  throttled: readThrottled(cgroups.cpu),
  anonymousBytes: readAnonymous(cgroups.memory),
});

/** Seconds of processor time alone, for who asks often. */
export const cgroupCpuSeconds = (cgroups: ContainerCgroups): number | undefined => readCpu(cgroups).cpuSeconds;
