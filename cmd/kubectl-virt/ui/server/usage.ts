import type { VmiUsage } from '../../../../src/agent-api/vmi-usage.js';
import type { UsageSample } from '../shared/protocol.js';

const number = (value: unknown): number | undefined =>
  typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER ? value : undefined;

/** What an agent said, which may be of another version, or not ours any more. */
export const sampleOf = (said: unknown, at: number): UsageSample => {
  const { cpu, memory, disk, network } = (typeof said === 'object' && said !== null ? said : {}) as Partial<VmiUsage>;
  const sample = {
    cores: number(cpu?.cores),
    vcpus: number(cpu?.vcpus),
    resident: number(memory?.resident),
    guest: number(memory?.guest),
    guestUsed: number(memory?.guestUsed),
    diskRead: number(disk?.readBytes),
    diskWritten: number(disk?.writtenBytes),
    received: number(network?.receivedBytes),
    sent: number(network?.sentBytes),
  };
  return { at, ...Object.fromEntries(Object.entries(sample).filter(([, value]) => value !== undefined)) };
};
