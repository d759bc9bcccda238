import { accessSync, closeSync, constants, openSync, readFileSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { KsmState, KsmStep } from './ksm-step.js';

/** Counters of the kernel, of all memory that is merged or tried. */
export const KSM_PAGES = ['shared', 'sharing', 'unshared', 'volatile'] as const;

const KSM = 'sys/kernel/mm/ksm';
const SYSFS_MAGIC = 0x62656572;

/** That what was opened is the kernel's, whatever the path led to meanwhile. */
const isSysfs = (file: number): boolean => statfsSync(`/proc/self/fd/${file}`).type === SYSFS_MAGIC;

const number = (text: string): number => (/^\d{1,15}$/.test(text.trim()) ? Number(text) : 0);

/** The files of KSM in sysfs. */
export class KsmFiles {
  /**
   * @param roots Where the node's file system is seen, our own root first: a container sees sysfs read-only, processes
   * of the node do not
   * @param isKernels for tests
   */
  constructor(
    private readonly roots: () => readonly string[] = () => ['/'],
    private readonly isKernels = isSysfs,
  ) {}

  private get places(): string[] {
    return this.roots().map((root) => join(root, KSM));
  }

  /** Undefined where the kernel has no KSM. */
  state(): KsmState | undefined {
    try {
      return { running: this.read('run').trim() === '1', pages: number(this.read('pages_to_scan')) };
    } catch {
      return undefined;
    }
  }

  /** @throws Error of the kernel, or where the files cannot be written */
  write(step: KsmStep): void {
    if (step.run) {
      this.put('sleep_millisecs', step.sleepMs);
      // The kernel's own advisor chooses the pages where somebody has switched it on, and lets nobody else.
      if (!this.hasAdvisor()) this.put('pages_to_scan', step.pages);
    }
    this.put('run', step.run ? 1 : 0);
  }

  /** How many pages are of this kind. */
  pages(kind: (typeof KSM_PAGES)[number]): number {
    return this.count(`pages_${kind}`);
  }

  /** How often all memory was gone through. */
  fullScans(): number {
    return this.count('full_scans');
  }

  private count(file: string): number {
    try {
      return number(this.read(file));
    } catch {
      return 0;
    }
  }

  private hasAdvisor(): boolean {
    try {
      return !this.read('advisor_mode').includes('[none]');
    } catch {
      // Kernels before 6.8 have none.
      return false;
    }
  }

  private read(file: string): string {
    return readFileSync(join(this.places[0] ?? '', file), 'utf8');
  }

  private put(file: string, value: number): void {
    const { places } = this;
    const place = places.find((one) => mayWrite(join(one, file))) ?? places[0] ?? '';
    const descriptor = openSync(join(place, file), constants.O_WRONLY | constants.O_NOFOLLOW);
    try {
      if (!this.isKernels(descriptor)) throw new Error(`${file} of ${place} is not the kernel's`);
      writeSync(descriptor, `${value}\n`);
    } finally {
      closeSync(descriptor);
    }
  }
}

const mayWrite = (path: string): boolean => {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
};
