import { CPU_METRICS } from './cpu.js';
import { DISK_METRICS, GUEST_METRICS } from './disk.js';
import { MEMORY_METRICS } from './memory.js';
import type { VmMetric } from './metric.js';
import { NETWORK_METRICS } from './network.js';

/** Every metric of a VM. Names and labels as KubeVirt's, where it has one, so that its dashboards and alerts work. */
export const VM_METRICS: readonly VmMetric[] = [
  ...CPU_METRICS,
  ...MEMORY_METRICS,
  ...DISK_METRICS,
  ...NETWORK_METRICS,
  ...GUEST_METRICS,
];
