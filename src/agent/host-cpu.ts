import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Label } from '../api/names.js';

/** What a node's CPU is, as far as placing VMs needs it. */
export interface HostCpu {
  /** In libvirt's words; undefined for one that is not listed. */
  readonly vendor?: string;
  /** KVM lets guests run guests of their own. */
  readonly nested: boolean;
}

/** `vendor_id` of /proc/cpuinfo → libvirt's name. */
const VENDORS: Readonly<Record<string, string>> = { GenuineIntel: 'Intel', AuthenticAMD: 'AMD', HygonGenuine: 'Hygon' };
const NESTED_PARAMETERS = ['sys/module/kvm_intel/parameters/nested', 'sys/module/kvm_amd/parameters/nested'];

const read = (root: string, path: string): string => {
  try {
    return readFileSync(join(root, path), 'utf8');
  } catch {
    // A module that is not loaded has no parameters.
    return '';
  }
};

/** @param root Where /proc and /sys are; for tests. Never throws: what cannot be read is not there. */
export const readHostCpu = (root = '/'): HostCpu => {
  const vendorId = /^vendor_id\s*:\s*(\S+)/m.exec(read(root, 'proc/cpuinfo'))?.[1] ?? '';
  return {
    vendor: Object.hasOwn(VENDORS, vendorId) ? VENDORS[vendorId] : undefined,
    // Kernels print a boolean as Y, older ones an integer as 1.
    nested: NESTED_PARAMETERS.some((path) => ['Y', '1'].includes(read(root, path).trim())),
  };
};

/**
 * The labels by which the scheduler and the domain builder know a node (spec/density-and-cpu.md §3.5). `kvmUsable`: its self-test passed.
 */
export const hostLabels = (kvmUsable: boolean, { vendor, nested }: HostCpu): Record<string, string> => ({
  [Label.kvmUsable]: String(kvmUsable),
  [Label.nestedVirtualization]: String(kvmUsable && nested),
  ...(vendor === undefined ? {} : { [`${Label.cpuVendorPrefix}${vendor}`]: 'true' }),
});
