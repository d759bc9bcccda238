import { vcpuCount } from '../api/vmi/guest-size.js';
import { poolThreads } from '../api/vmi/io-thread-pool.js';
import type { Disk } from '../api/schema/disks.js';
import type { VirtualMachineInstance } from '../api/schema/kinds.js';
import type { VirtualMachineInstanceSpec } from '../api/schema/virtualmachineinstance.js';
import { busOf } from './device-names.js';
import { element, type XmlElement } from './xml.js';

/** Threads 1 to `shared` serve the disks in turn; each disk that wants one of its own has one of the next. */
export interface IoThreadPlan {
  readonly total: number;
  readonly shared: number;
  /** By disk name: the threads of a disk. A pool gives every disk all of its threads. */
  readonly ofDisk: ReadonlyMap<string, readonly number[]>;
}

const NONE: IoThreadPlan = { total: 0, shared: 0, ofDisk: new Map() };

/** QEMU has I/O threads for virtio disks only; another disk takes no part, so no thread is made for it. */
const canHaveThread = (disk: Disk): boolean => busOf(disk) === 'virtio';

/**
 * The emulator's own CPU takes one I/O thread; otherwise twice as many as vCPUs (docs/reference/user-guides.md §3.7).
 */
const autoLimit = (spec: VirtualMachineInstanceSpec): number => {
  const { cpu } = spec.domain;
  if (cpu?.dedicatedCpuPlacement === true && cpu.isolateEmulatorThread === true) return 1;
  return 2 * vcpuCount(spec);
};

const pool = (disks: readonly Disk[], count: number): IoThreadPlan => {
  const threads = Array.from({ length: count }, (_, index) => index + 1);
  return { total: count, shared: count, ofDisk: new Map(disks.map(({ name }) => [name, threads])) };
};

/**
 * How many I/O threads the VM has and which disk uses which. Sources: docs/reference/user-guides.md §3.7 (both examples
 * to the number) and docs/reference/domain.md §2; CPUs are counted by the topology, as that page does.
 */
export const ioThreadPlan = (spec: VirtualMachineInstanceSpec): IoThreadPlan => {
  const { ioThreadsPolicy: policy, devices } = spec.domain;
  const disks = (devices.disks ?? []).filter(canHaveThread);
  const dedicated = disks.filter(({ dedicatedIOThread }) => dedicatedIOThread === true);
  if ((policy === undefined || policy === '') && dedicated.length === 0) return NONE;
  if (policy === 'supplementalPool') return pool(disks, poolThreads(spec));
  const sharing = disks.length - dedicated.length;
  const limit = policy === 'auto' ? autoLimit(spec) : 1;
  // A disk's own thread is always made; it lowers the limit for the others, who keep at least one.
  const shared = disks.length <= limit ? sharing : Math.max(1, limit - dedicated.length);
  const ofDisk = new Map<string, readonly number[]>();
  let nextShared = 0;
  let nextDedicated = shared;
  for (const disk of disks) {
    if (disk.dedicatedIOThread === true) ofDisk.set(disk.name, [(nextDedicated += 1)]);
    else ofDisk.set(disk.name, [(nextShared++ % shared) + 1]);
  }
  return { total: shared + dedicated.length, shared, ofDisk };
};

export const ioThreadCount = (spec: VirtualMachineInstanceSpec): number => ioThreadPlan(spec).total;

/** `<iothreads>`, where there are any. */
export const ioThreads = (vmi: VirtualMachineInstance): XmlElement | undefined => {
  const { total } = ioThreadPlan(vmi.spec);
  return total === 0 ? undefined : element('iothreads', {}, String(total));
};

/** What a disk's `<driver>` says about its threads: one by number, several as elements. */
export const driverThreads = (
  threads: readonly number[] = [],
): { readonly iothread: number | undefined; readonly children: XmlElement[] } => {
  if (threads.length <= 1) return { iothread: threads[0], children: [] };
  return {
    iothread: undefined,
    children: [
      element(
        'iothreads',
        {},
        threads.map((id) => element('iothread', { id })),
      ),
    ],
  };
};
