import type { GuestFileSystem } from '../hypervisor/guest-usage.js';
import type { DiskUsage } from '../hypervisor/statistics.js';
import type { VmMetric } from './metric.js';

/** One of each disk; the label is its name in the VMI, as far as it has one. */
const ofDisks = (suffix: string, help: string, read: (disk: DiskUsage) => number | undefined): VmMetric => ({
  name: `kubevirt_vmi_storage_${suffix}_total`,
  help,
  kind: 'counter',
  labels: ['drive'],
  values: function* ({ domain, view }) {
    const names = new Map(view?.xml.disks.map(({ name, target }) => [target, name]));
    for (const disk of domain?.disks ?? []) yield [[names.get(disk.target) ?? disk.target], read(disk)];
  },
});

const ofFileSystems = (suffix: string, help: string, read: (of: GuestFileSystem) => number): VmMetric => ({
  name: `kubevirt_vmi_filesystem_${suffix}_bytes`,
  help,
  kind: 'gauge',
  labels: ['disk_name', 'mount_point', 'file_system_type'],
  values: function* ({ guest }) {
    for (const fileSystem of guest?.fileSystems ?? []) {
      const { disk, mountPoint, type } = fileSystem;
      yield [[disk, mountPoint, type], read(fileSystem)];
    }
  },
});

const ofLoad = (suffix: string, index: 0 | 1 | 2): VmMetric => ({
  name: `kubevirt_vmi_guest_load_${suffix}`,
  help: `Processes of the guest that run or would run, on average; as the guest's agent says it (QEMU 10 on).`,
  kind: 'gauge',
  value: ({ guest }) => guest?.load?.[index],
});

export const DISK_METRICS: readonly VmMetric[] = [
  ofDisks('iops_read', 'Reads of a disk.', ({ readRequests }) => readRequests),
  ofDisks('iops_write', 'Writes to a disk.', ({ writeRequests }) => writeRequests),
  ofDisks('read_traffic_bytes', 'Bytes read from a disk.', ({ readBytes }) => readBytes),
  ofDisks('write_traffic_bytes', 'Bytes written to a disk.', ({ writeBytes }) => writeBytes),
  ofDisks('read_times_seconds', 'Time that reads of a disk took, together.', ({ readSeconds }) => readSeconds),
  ofDisks('write_times_seconds', 'Time that writes to a disk took, together.', ({ writeSeconds }) => writeSeconds),
  ofDisks('flush_requests', 'Flushes of a disk.', ({ flushRequests }) => flushRequests),
  ofDisks('flush_times_seconds', 'Time that flushes of a disk took, together.', ({ flushSeconds }) => flushSeconds),
];

/** What only the guest agent says. */
export const GUEST_METRICS: readonly VmMetric[] = [
  ofFileSystems(
    'capacity',
    "Size of a file system, as the guest's agent says it.",
    ({ capacityBytes }) => capacityBytes,
  ),
  ofFileSystems('used', "What of a file system is used, as the guest's agent says it.", ({ usedBytes }) => usedBytes),
  ofLoad('1m', 0),
  ofLoad('5m', 1),
  ofLoad('15m', 2),
];
