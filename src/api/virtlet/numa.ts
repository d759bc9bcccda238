import type { CpuSetting, NumaCell } from './cpu-setting-shape.js';

/*
 * A setting's NUMA cells against the VM they are for. libvirt 9 gives a guest the sum of its cells' memory whatever
 * `<memory>` says, without any message: more than the pod was charged for, or less than the user asked for.
 */

const KIBIBYTE = 1024n;
const UNITS = 'kmgtpe';
/** More vCPUs than any guest has; a range beyond it is not counted out. */
const MAX_CPU = 4096;

/** Bytes in one of libvirt's units: `KB` is 1000, `k` and `KiB` are 1024, case means nothing. */
const unitBytes = (unit: string): bigint => {
  const lower = unit.toLowerCase();
  const power = BigInt(UNITS.indexOf(lower[0] ?? '') + 1);
  // b, byte, bytes
  if (power === 0n) return 1n;
  return (lower.length === 2 ? 1000n : KIBIBYTE) ** power;
};

/** Rounded up to whole KiB, as libvirt does. */
const cellKiB = ({ memory = '0', unit = 'KiB' }: NumaCell): bigint =>
  (BigInt(memory) * unitBytes(unit) + KIBIBYTE - 1n) / KIBIBYTE;

/** vCPU numbers of "0-3,5,^2"; undefined for a range that ends before it begins or beyond {@link MAX_CPU}. */
export const cpuNumbers = (text: string): ReadonlySet<number> | undefined => {
  const numbers = new Set<number>();
  for (const part of text.split(',')) {
    if (part.startsWith('^')) {
      numbers.delete(Number(part.slice(1)));
      continue;
    }
    const [from = 0, to = from] = part.split('-').map(Number);
    if (to < from || to > MAX_CPU) return undefined;
    for (let cpu = from; cpu <= to; cpu += 1) numbers.add(cpu);
  }
  return numbers;
};

const cpuProblems = (cells: readonly NumaCell[], vcpus: number): string[] => {
  const owner = new Map<number, number>();
  return cells.flatMap(({ cpus }, index) => {
    if (cpus === undefined) return [];
    const place = `numa.cell[${index}].cpus is "${cpus.slice(0, 40)}"`;
    const numbers = cpuNumbers(cpus);
    if (numbers === undefined) return [`${place}, which is no range of vCPUs: write one such as "0-3"`];
    const beyond = [...numbers].find((cpu) => cpu >= vcpus);
    if (beyond !== undefined) return [`${place}, but the VM's vCPUs are 0 to ${vcpus - 1}: leave out ${beyond}`];
    const shared = [...numbers].find((cpu) => owner.has(cpu));
    for (const cpu of numbers) owner.set(cpu, index);
    return shared === undefined ? [] : [`${place}, but vCPU ${shared} is in another cell too: put it into one`];
  });
};

/**
 * What is wrong with the cells for a guest of this size. `guestBytes`: undefined where the VM's memory is not known.
 */
export const numaProblems = ({ numa }: CpuSetting, vcpus: number, guestBytes: bigint | undefined): string[] => {
  const cells = numa?.cell ?? [];
  if (cells.length === 0) return [];
  const problems = cpuProblems(cells, vcpus);
  if (guestBytes === undefined) return problems;
  const guest = (guestBytes + KIBIBYTE - 1n) / KIBIBYTE;
  const total = cells.reduce((sum, each) => sum + cellKiB(each), 0n);
  if (total === guest) return problems;
  return [...problems, `numa.cell: the cells hold ${total} KiB, but the guest has ${guest} KiB: make the sums equal`];
};
