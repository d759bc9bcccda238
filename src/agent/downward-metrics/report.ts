import { element, writeXml, type XmlElement } from '../../domain/index.js';
import type { DomainStatistics } from '../hypervisor/statistics.js';

/**
 * What the node reports to every guest. A group that could not be read is undefined. Source: docs/reference/domain.md
 * §7.2.
 */
export interface HostMetrics {
  readonly name: string;
  /** Seconds since 1970. */
  readonly time: number;
  /** Packages of the board, not cores. */
  readonly physicalCpus: number | undefined;
  /** Seconds that all CPUs together have worked since the boot. */
  readonly cpuSeconds: number | undefined;
  /** KiB. */
  readonly memory: HostMemory | undefined;
  readonly paging: { readonly inKiB: bigint; readonly outKiB: bigint } | undefined;
}
export interface HostMemory {
  readonly free: bigint;
  readonly freeWithSwap: bigint;
  /** Neither free nor a cache. */
  readonly used: bigint;
  readonly usedWithSwap: bigint;
}

type Type = 'string' | 'int64' | 'uint64' | 'real64';

const metric = (context: 'host' | 'vm', type: Type, name: string, value: string | number | bigint, unit?: string) =>
  element('metric', { type, context, unit }, element('name', {}, name), element('value', {}, String(value)));

const seconds = (value: number): string => value.toFixed(6);
const NANOSECONDS = 1e9;

const vmMetrics = ({ cpuNanoseconds, onlineCpus, memoryKiB }: DomainStatistics): XmlElement[] => [
  metric('vm', 'real64', 'TotalCPUTime', seconds(Number(cpuNanoseconds) / NANOSECONDS), 's'),
  metric('vm', 'int64', 'ResourceProcessorLimit', onlineCpus),
  ...(memoryKiB === undefined
    ? []
    : ['PhysicalMemoryAllocatedToVirtualSystem', 'ResourceMemoryLimit'].map((name) =>
        metric('vm', 'uint64', name, memoryKiB, 'KiB'),
      )),
];

const memoryMetrics = ({ free, freeWithSwap, used, usedWithSwap }: HostMemory): XmlElement[] => [
  metric('host', 'uint64', 'FreePhysicalMemory', free, 'KiB'),
  metric('host', 'uint64', 'FreeVirtualMemory', freeWithSwap, 'KiB'),
  metric('host', 'uint64', 'MemoryAllocatedToVirtualServers', used, 'KiB'),
  metric('host', 'uint64', 'UsedVirtualMemory', usedWithSwap, 'KiB'),
];

/**
 * vhostmd's document, indented, ending in a newline. The order is that of docs/reference/domain.md §7.2.
 * @param vm Undefined: nothing recent is known of the VM, and nothing is said of it.
 */
export const metricsReport = (host: HostMetrics, vm: DomainStatistics | undefined): string =>
  writeXml(
    element(
      'metrics',
      {},
      metric('host', 'string', 'HostName', host.name),
      metric('host', 'string', 'HostSystemInfo', 'linux'),
      metric('host', 'string', 'VirtualizationVendor', 'kubevirt.io'),
      metric('host', 'string', 'VirtProductInfo', vm?.product ?? 'qemu-unknown'),
      vm && vmMetrics(vm),
      host.physicalCpus === undefined ? undefined : metric('host', 'int64', 'NumberOfPhysicalCPUs', host.physicalCpus),
      host.cpuSeconds === undefined
        ? undefined
        : metric('host', 'real64', 'TotalCPUTime', seconds(host.cpuSeconds), 's'),
      host.memory && memoryMetrics(host.memory),
      host.paging && [
        metric('host', 'uint64', 'PagedInMemory', host.paging.inKiB, 'KiB'),
        metric('host', 'uint64', 'PagedOutMemory', host.paging.outKiB, 'KiB'),
      ],
      metric('host', 'int64', 'Time', host.time, 's'),
    ),
  );
