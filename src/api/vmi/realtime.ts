import type { VirtualMachineInstanceSpec } from '../schema/virtualmachineinstance.js';
import { cpuNumbers } from '../virtlet/numa.js';
import { vcpuCount } from './guest-size.js';

export const REALTIME_FIELD = 'spec.domain.cpu.realtime';

/** "0-3,^1": what it takes out it has named before. */
const MASK = /^\d{1,4}(-\d{1,4})?(,\^?\d{1,4}(-\d{1,4})?)*$/;
/** More parts than any guest has vCPUs. */
const MAX_LENGTH = 1000;

/**
 * The vCPUs that are scheduled in real time: all of them without a mask. Undefined: the mask is none, or names no vCPU
 * of the VM.
 */
export const realtimeVcpus = (spec: VirtualMachineInstanceSpec): readonly number[] | undefined => {
  const count = vcpuCount(spec);
  const mask = spec.domain.cpu?.realtime?.mask;
  if (mask === undefined || mask === '') return Array.from({ length: count }, (_, index) => index);
  if (mask.length > MAX_LENGTH || !MASK.test(mask)) return undefined;
  const numbers = [...(cpuNumbers(mask) ?? [])];
  return numbers.length === 0 || numbers.some((number) => number >= count) ? undefined : numbers;
};
