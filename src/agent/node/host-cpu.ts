import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { machineLabels, present } from '../../agent-api/node-report.js';
import type { CpuVendor } from '../../api/virt-node/virt-node.js';

/** What a node's CPU is, as far as placing VMs needs it. */
export interface HostCpu {
  /** In libvirt's words; undefined for one that is not listed. */
  readonly vendor?: CpuVendor | undefined;
  /** KVM lets guests run guests of their own. */
  readonly nested: boolean;
}

/** `vendor_id` of /proc/cpuinfo → libvirt's name. */
const VENDORS: Readonly<Record<string, CpuVendor>> = {
  GenuineIntel: 'Intel',
  AuthenticAMD: 'AMD',
  HygonGenuine: 'Hygon',
};
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

/** What a host can do for guests. `kvmUsable`: its self-test passed. */
export const machineReport = (kvmUsable: boolean, { vendor, nested }: HostCpu) => ({
  kvmUsable,
  nestedVirtualization: kvmUsable && nested,
  cpuVendor: vendor,
});

/** The labels by which the scheduler and the domain builder know a host. */
export const hostLabels = (kvmUsable: boolean, cpu: HostCpu): Record<string, string> =>
  present(machineLabels(machineReport(kvmUsable, cpu)));
