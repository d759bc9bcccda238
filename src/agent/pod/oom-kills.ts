import { join } from 'node:path';
import type { ContainerCgroups } from './container-cgroups.js';
import { kernelText } from './small-file.js';

/**
 * How many processes of a container the kernel has killed because memory ran out, its own limit's or the node's;
 * undefined: the kernel does not say, or the container has ended. Source: docs/reference/density-and-cpu.md §6.5.
 */
export const oomKills = ({ version, memory }: ContainerCgroups): number | undefined => {
  if (memory === undefined) return undefined;
  const text = kernelText(join(memory, version === 2 ? 'memory.events' : 'memory.oom_control'));
  const count = /^oom_kill (\d{1,15})$/m.exec(text ?? '')?.[1];
  return count === undefined ? undefined : Number(count);
};
