import { readFileSync, writeFileSync } from 'node:fs';

/** Pages of 2 MiB that the node sets aside; kubelet counts them once, when it starts. */
const NR_HUGEPAGES = '/proc/sys/vm/nr_hugepages';
/** One tiny guest of 128 MiB. */
const WANTED = 64;

/** Undefined on a machine that has none. */
export const hugePagesBefore = (): string | undefined => {
  try {
    return readFileSync(NR_HUGEPAGES, 'utf8').trim();
  } catch {
    return undefined;
  }
};

/** As many as the machine gives: a test that needs them says where it gave none. */
export const reserveHugePages = (): void => {
  const before = hugePagesBefore();
  if (before === undefined || Number(before) >= WANTED) return;
  restoreHugePages(String(WANTED));
};

export const restoreHugePages = (before: string): void => {
  try {
    writeFileSync(NR_HUGEPAGES, before);
  } catch {
    // A container may not, on a machine that is not its own.
  }
};
