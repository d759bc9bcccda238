import { vcpuCount } from './guest-size.js';
import { poolThreads } from './io-thread-pool.js';
import { Annotation } from '../names.js';
import type { VirtualMachineInstance } from '../schema/kinds.js';

/** Whole CPUs of the node that a VM has for itself, by what runs on them. */
export interface DedicatedCpus {
  readonly vcpus: number;
  /** Threads of a supplemental pool; other I/O threads share the vCPUs' CPUs. */
  readonly ioThreads: number;
  readonly emulator: number;
}

/**
 * The CPUs of a VM with `dedicatedCpuPlacement`; undefined for others. Source: docs/reference/domain.md §2.5, §8.4; the
 * pod's number and the domain's are one number here, which they are not in the reference.
 */
export const dedicatedCpus = ({ metadata, spec }: VirtualMachineInstance): DedicatedCpus | undefined => {
  const { cpu } = spec.domain;
  if (cpu?.dedicatedCpuPlacement !== true) return undefined;
  const vcpus = vcpuCount(spec);
  const pool = poolThreads(spec);
  // Of the emulator's CPUs and all others together.
  const toEven = Object.hasOwn(metadata?.annotations ?? {}, Annotation.emulatorThreadEvenParity);
  const emulator = cpu.isolateEmulatorThread !== true ? 0 : toEven && (vcpus + pool) % 2 === 0 ? 2 : 1;
  return { vcpus, ioThreads: pool, emulator };
};

export const dedicatedCpuCount = ({ vcpus, ioThreads, emulator }: DedicatedCpus): number =>
  vcpus + ioThreads + emulator;
