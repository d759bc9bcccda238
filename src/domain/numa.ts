import { guestMemory } from '../api/vmi/guest-size.js';
import { hugePages } from '../api/vmi/hugepages.js';
import type { VirtualMachineInstance } from '../api/schema/kinds.js';
import type { DomainContext } from './domain-input.js';
import { DomainError } from './error.js';
import { pinnedVcpus } from './pinning.js';
import { element, type XmlElement } from './xml.js';

const FIELD = 'spec.domain.cpu.numa.guestMappingPassthrough';

/** One of the guest's NUMA nodes. */
interface GuestCell {
  readonly vcpus: readonly number[];
  readonly bytes: bigint;
  /** The kernel's number of the node's own that it lies on. */
  readonly host: number;
}

/** vCPUs by the host's NUMA node that their CPU belongs to, in the order of its numbers. */
const vcpusByHost = (pinned: readonly number[], { exclusiveCpus }: DomainContext): [number, number[]][] => {
  const hosts = new Map<number, number[]>();
  for (const [vcpu, cpu] of pinned.entries()) {
    const cells = exclusiveCpus?.cells ?? [];
    const place = cells.findIndex(({ cpus }) => cpus.some(({ id }) => id === cpu));
    const host = cells[place]?.id ?? Math.max(place, 0);
    hosts.set(host, [...(hosts.get(host) ?? []), vcpu]);
  }
  return [...hosts].sort(([a], [b]) => a - b);
};

/**
 * The guest's cells: one for each of the node's NUMA nodes that it has CPUs of, with an equal share of its huge pages;
 * what is left over goes to the first. Source: docs/reference/domain.md §1.7.
 * @throws DomainError where there are too few pages or they have no size
 */
const guestCells = (vmi: VirtualMachineInstance, context: DomainContext): GuestCell[] => {
  const pinned =
    vmi.spec.domain.cpu?.numa?.guestMappingPassthrough === undefined ? undefined : pinnedVcpus(vmi, context);
  if (pinned === undefined) return [];
  const pages = hugePages(vmi.spec);
  if (pages === undefined)
    throw new DomainError('InvalidValue', 'needs memory.hugepages.pageSize, such as "2Mi"', FIELD);
  const hosts = vcpusByHost(pinned, context);
  const [count, total] = [BigInt(hosts.length), guestMemory(vmi.spec) / pages.bytes];
  if (total < count)
    throw new DomainError(
      'InvalidValue',
      `the guest's memory is ${total} huge pages, and its CPUs are of ${count} NUMA nodes: write a larger memory.guest or a smaller pageSize`,
      FIELD,
    );
  return hosts.map(([host, vcpus], index) => {
    const extra = BigInt(index) < total % count ? 1n : 0n;
    return { vcpus, host, bytes: (total / count + extra) * pages.bytes };
  });
};

/** `<numatune>`: each of the guest's cells on its own of the node's, and nowhere else. */
export const numaTune = (vmi: VirtualMachineInstance, context: DomainContext): XmlElement | undefined => {
  const cells = guestCells(vmi, context);
  if (cells.length === 0) return undefined;
  return element(
    'numatune',
    {},
    cells.map(({ host }, cellid) => element('memnode', { cellid, mode: 'strict', nodeset: host })),
  );
};

/** `<cpu>` with the guest's cells in it. */
export const withNumaCells = (cpu: XmlElement, vmi: VirtualMachineInstance, context: DomainContext): XmlElement => {
  const cells = guestCells(vmi, context);
  if (cells.length === 0) return cpu;
  const numa = element(
    'numa',
    {},
    cells.map(({ vcpus, bytes }, id) => element('cell', { id, cpus: vcpus.join(','), memory: bytes, unit: 'b' })),
  );
  return { ...cpu, children: [...cpu.children, numa] };
};
