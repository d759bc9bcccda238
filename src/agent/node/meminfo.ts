import { readFileSync } from 'node:fs';
import type { NodeMemory } from './ksm-step.js';

export interface Meminfo extends NodeMemory {
  readonly swapTotalKiB: number;
}

/** The node's memory, whatever the agent's own cgroup has. Undefined where the kernel does not say. */
export const readMeminfo = (file = '/proc/meminfo'): Meminfo | undefined => {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
  const kib = (name: string): number | undefined => {
    const found = new RegExp(`^${name}:\\s+(\\d{1,15}) kB$`, 'm').exec(text)?.[1];
    return found === undefined ? undefined : Number(found);
  };
  const [totalKiB, availableKiB] = [kib('MemTotal'), kib('MemAvailable')];
  if (totalKiB === undefined || availableKiB === undefined) return undefined;
  return { totalKiB, availableKiB, swapTotalKiB: kib('SwapTotal') ?? 0 };
};
