import { accessSync, constants, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KsmState, KsmStep } from './ksm-step.js';

/** Counters of the kernel, of all memory that is merged or tried. */
export const KSM_PAGES = ['shared', 'sharing', 'unshared', 'volatile'] as const;

/** A container sees sysfs read-only; the node's own, at its first process' root, is not. */
const PLACES = ['/sys/kernel/mm/ksm', '/proc/1/root/sys/kernel/mm/ksm'];

const number = (text: string): number => (/^\d{1,15}$/.test(text.trim()) ? Number(text) : 0);

/** The files of KSM in sysfs. */
export class KsmFiles {
  /** @param places Where they may be; for tests */
  constructor(private readonly places: readonly string[] = PLACES) {}

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
    const writable = this.places.find((place) => mayWrite(join(place, file))) ?? this.places[0] ?? '';
    writeFileSync(join(writable, file), `${value}\n`);
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
