/*
 * How a pod's CPU limit is spread over the threads of its QEMU. Pure. Numbers and their source:
 * docs/reference/density-and-cpu.md §4.4.
 */

export const LIMIT_SPREADS = ['Global', 'Split', 'VCPUOnly'] as const;
export type LimitSpread = (typeof LIMIT_SPREADS)[number];

/** `configuration.cpuTuning`, with its defaults. */
export interface CpuTuning {
  readonly limitSpread: LimitSpread;
  /** Of the limit: the most that the emulator's threads may have, and as much the I/O threads (Global). */
  readonly emulatorPercent: number;
  /** Of the limit: what all threads but the vCPUs' have together (Split). */
  readonly emulatorSplitPercent: number;
}

export const CPU_TUNING_DEFAULTS: CpuTuning = {
  limitSpread: 'Global',
  emulatorPercent: 80,
  emulatorSplitPercent: 40,
};

/** Microseconds. Quotas are of each thread that is a vCPU or an I/O thread; undefined: not limited by itself. */
export interface CpuSpread {
  readonly period: number;
  /** Of the pod as a whole. */
  readonly total: number;
  readonly vcpu: number;
  readonly emulator?: number;
  readonly ioThread?: number;
}

export const KUBELET_PERIOD = 100_000;
/** The kernel takes no longer period and no smaller quota. */
const MAX_PERIOD = 1_000_000;
const MIN_QUOTA = 1_000;

/** @param milliCpu the limit of the container, thousandths of a CPU */
export const cpuSpread = (milliCpu: number, vcpus: number, ioThreads: number, tuning: CpuTuning): CpuSpread => {
  let period = KUBELET_PERIOD;
  let spread = atPeriod(milliCpu, vcpus, ioThreads, tuning, period);
  // A limit so small that a thread would get less than the kernel can give: the same share of a longer period.
  while (smallest(spread) < MIN_QUOTA && period < MAX_PERIOD) {
    period = Math.min(MAX_PERIOD, period * 2);
    spread = atPeriod(milliCpu, vcpus, ioThreads, tuning, period);
  }
  const total = Math.max(MIN_QUOTA, spread.total);
  const within = (quota: number): number => Math.min(total, Math.max(MIN_QUOTA, quota));
  return {
    period,
    total,
    vcpu: within(spread.vcpu),
    ...(spread.emulator === undefined ? {} : { emulator: within(spread.emulator) }),
    ...(spread.ioThread === undefined ? {} : { ioThread: within(spread.ioThread) }),
  };
};

const smallest = ({ vcpu, emulator = Infinity, ioThread = Infinity }: CpuSpread): number =>
  Math.min(vcpu, emulator, ioThread);

const atPeriod = (
  milliCpu: number,
  vcpus: number,
  ioThreads: number,
  { limitSpread, emulatorPercent, emulatorSplitPercent }: CpuTuning,
  period: number,
): CpuSpread => {
  const total = Math.floor((milliCpu * period) / 1000);
  const part = (of: number, percent: number): number => Math.floor((of * percent) / 100);
  switch (limitSpread) {
    case 'Global': {
      const emulator = part(total, emulatorPercent);
      const vcpu = Math.floor(total / vcpus);
      return { period, total, vcpu, emulator, ...(ioThreads > 0 ? { ioThread: emulator } : {}) };
    }
    case 'Split': {
      const groups = 1 + ioThreads;
      const emulator = Math.floor(part(total, emulatorSplitPercent) / groups);
      const vcpu = Math.floor((total - emulator * groups) / vcpus);
      return { period, total, vcpu, emulator, ...(ioThreads > 0 ? { ioThread: emulator } : {}) };
    }
    case 'VCPUOnly':
      return { period, total, vcpu: Math.floor(total / vcpus) };
  }
};
