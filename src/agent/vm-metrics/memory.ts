import { guestMemory } from '../../api/vmi/guest-size.js';
import { guestRequest, memoryOverhead } from '../../launcher/index.js';
import type { DomainUsage } from '../hypervisor/statistics.js';
import type { Observed, VmMetric } from './metric.js';

type Memory = DomainUsage['memory'];

const gauge = (name: string, help: string, value: (observed: Observed) => number | undefined): VmMetric => ({
  name,
  help,
  kind: 'gauge',
  value,
});

/** The guest's own word, by its balloon driver; a guest without one says nothing. */
const guestGauge = (name: string, help: string, field: keyof Memory): VmMetric =>
  gauge(name, help, ({ domain }) => domain?.memory[field]);

export const MEMORY_METRICS: readonly VmMetric[] = [
  gauge('kubevirt_vmi_memory_domain_bytes', 'Memory that the guest was given.', ({ domain }) => domain?.memory.maximum),
  gauge(
    'kubevirt_vmi_memory_actual_balloon_bytes',
    'Memory of the guest as its balloon leaves it.',
    ({ domain }) => domain?.memory.actual,
  ),
  gauge(
    'kubevirt_vmi_memory_resident_bytes',
    'Memory of the node that QEMU has, the guest in it.',
    ({ pod }) => pod?.process?.residentBytes,
  ),
  gauge(
    'kubevirt_vmi_memory_anon_bytes',
    'Memory of the node that the VM takes and that is in no file: QEMU with the guest, libvirtd, and all else in its container.',
    ({ pod }) => pod?.cgroup.anonymousBytes,
  ),
  gauge(
    'kubevirt_vmi_swap_bytes',
    'What of QEMU and its guest is in swap of the node.',
    ({ pod }) => pod?.process?.swapBytes,
  ),
  gauge(
    'kubevirt_vmi_ksm_merged_bytes',
    'Memory of QEMU that is one with equal pages of others (KSM).',
    ({ pod }) => pod?.process?.ksmMergedBytes,
  ),
  gauge('kubevirt_vmi_memory_request_bytes', 'Memory requested for the guest, overhead not counted.', (observed) =>
    Number(guestRequest(observed.vmi, observed.config).value()),
  ),
  gauge(
    'kubevirt_vmi_memory_overcommit_ratio',
    "The guest's memory by what is requested for it.",
    ({ vmi, config }) => {
      const request = Number(guestRequest(vmi, config).value());
      return request > 0 ? Number(guestMemory(vmi.spec)) / request : undefined;
    },
  ),
  gauge(
    'kubevirt_vmi_launcher_memory_overhead_bytes',
    'Memory requested for running the VM besides its guest.',
    ({ vmi, config }) => Number(memoryOverhead(vmi, config)),
  ),
  guestGauge(
    'kubevirt_vmi_memory_available_bytes',
    'Memory that the guest sees. This and the following as the guest says it.',
    'guestAvailable',
  ),
  guestGauge('kubevirt_vmi_memory_unused_bytes', 'Memory that the guest has no use for at all.', 'guestUnused'),
  guestGauge(
    'kubevirt_vmi_memory_usable_bytes',
    'Memory that the guest could give up without swapping.',
    'guestUsable',
  ),
  guestGauge('kubevirt_vmi_memory_cached_bytes', 'Memory of the guest with copies of what is on disk.', 'guestCached'),
  guestGauge(
    'kubevirt_vmi_memory_swap_in_traffic_bytes',
    'What the guest has read from swap of its own.',
    'guestSwapIn',
  ),
  guestGauge(
    'kubevirt_vmi_memory_swap_out_traffic_bytes',
    'What the guest has written to swap of its own.',
    'guestSwapOut',
  ),
  {
    name: 'kubevirt_vmi_memory_pgmajfault_total',
    help: 'Page faults of the guest for which it read from a disk.',
    kind: 'counter',
    value: ({ domain }) => domain?.memory.guestMajorFaults,
  },
  {
    name: 'kubevirt_vmi_memory_pgminfault_total',
    help: 'Page faults of the guest for which it did not.',
    kind: 'counter',
    value: ({ domain }) => domain?.memory.guestMinorFaults,
  },
];
