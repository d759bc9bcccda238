import type { VirtualMachineInstanceSpec } from '../../api/schema/virtualmachineinstance.js';
import { vcpuCount } from '../../api/vmi/guest-size.js';
import { HUGEPAGES_RESOURCE } from '../../api/vmi/hugepages.js';
import { realtimeVcpus } from '../../api/vmi/realtime.js';
import { VirtletAnnotation, virtletValue } from '../../api/virtlet/annotations.js';
import { hugepagesAmounts } from './memory.js';
import { because, invalid, type Finding } from '../rule/finding.js';
import { readQuantity, unitsOf } from '../rule/quantities.js';
import { instanceRule } from '../rule/rule.js';
import type { InstanceSubject } from '../rule/subject.js';
import { show } from '../rule/wording.js';

/* What a guest's memory is made of: huge pages, pages of a NUMA node, locked pages. */

/** What x86 has beside pages of 4 KiB. */
const PAGE_SIZES = [2n * 1024n * 1024n, 1024n * 1024n * 1024n];
/** Other rules refuse what is less. */
const MIN_PAGE = 65_536n;

const askedResources = ({ path, spec }: InstanceSubject): Finding[] =>
  (['requests', 'limits'] as const).flatMap((list) =>
    Object.keys(spec.domain.resources?.[list] ?? {})
      .filter((name) => name.startsWith(HUGEPAGES_RESOURCE))
      .map((name) =>
        invalid(
          `${path}.domain.resources.${list}[${name}]`,
          'cannot be set by itself: remove it; the pod gets as many huge pages as memory.guest needs, of the size memory.hugepages.pageSize',
        ),
      ),
  );

/** What keeps a VM's memory from being all its own, as a field and what to do about it. */
const overcommitment = ({ path, spec }: InstanceSubject): { field: string; text: string } | undefined => {
  const { memory, resources } = spec.domain;
  if (resources?.overcommitGuestOverhead === true)
    return {
      field: `${path}.domain.resources.overcommitGuestOverhead`,
      text: 'true leaves the overhead out of the request, and locked memory cannot be overcommitted',
    };
  const request = readQuantity(resources?.requests?.['memory']) ?? readQuantity(resources?.limits?.['memory']);
  if (request === undefined || request.isZero() || unitsOf(memory?.guest) <= request.value()) return undefined;
  return {
    field: `${path}.domain.memory.guest`,
    text: `${show(memory?.guest)} is more than the request ${request.toString()}, and locked memory cannot be overcommitted`,
  };
};

/**
 * Whether there are as many vCPUs as a number can say; a topology or a quantity that says none has rules of its own.
 */
const hasVcpus = (spec: VirtualMachineInstanceSpec): boolean => {
  try {
    return vcpuCount(spec) > 0;
  } catch {
    return false;
  }
};

export const memoryBackingRules = [
  instanceRule({
    id: 'mem.hugepages-size',
    field: '$.domain.memory.hugepages.pageSize',
    source: 'none: no node has such pages, and the VM would wait for ever',
    summary: 'huge pages of a size that no amd64 node has',
    check: (subject) => {
      const { path, spec, config } = subject;
      const size = unitsOf(spec.domain.memory?.hugepages?.pageSize);
      const architecture = spec.architecture || config.defaultArchitecture;
      if (architecture !== 'amd64' || size < MIN_PAGE || PAGE_SIZES.includes(size)) return [];
      // Otherwise mem.hugepages-larger or -multiple reports it, by the amount.
      if (hugepagesAmounts(subject).some(({ amount }) => unitsOf(amount) % size !== 0n)) return [];
      return [
        invalid(
          `${path}.domain.memory.hugepages.pageSize`,
          `${show(spec.domain.memory?.hugepages?.pageSize)} is no size of huge pages on amd64: write "2Mi" or "1Gi", whichever the nodes have reserved`,
        ),
      ];
    },
  }),
  instanceRule({
    id: 'mem.hugepages-resource',
    field: '$.domain.resources.requests',
    source: 'none: Kubernetes has one number for both, and no guest would use the others',
    summary: 'huge pages in requests or limits, which follow from `memory.hugepages`',
    check: askedResources,
  }),
  instanceRule({
    id: 'mem.lock-overcommit',
    field: '$.domain.memory.reservedOverhead.memLock',
    source: 'docs/reference/density-and-cpu.md §5.5',
    summary: 'locked memory that is overcommitted',
    check: (subject) => {
      if (subject.spec.domain.memory?.reservedOverhead?.memLock !== 'Required') return [];
      const found = overcommitment(subject);
      if (found === undefined) return [];
      const lock = `${subject.path}.domain.memory.reservedOverhead.memLock`;
      const remedy = found.field.endsWith('guest') ? 'write the same in both' : 'remove it';
      return because(lock, [
        invalid(found.field, `${found.text}: ${remedy}, or remove memory.reservedOverhead.memLock`),
      ]);
    },
  }),
  instanceRule({
    id: 'cpu.realtime-mask',
    field: '$.domain.cpu.realtime.mask',
    source: 'none: libvirt refuses it when the VM starts',
    summary: 'a realtime mask that names no vCPUs of the VM',
    check: ({ path, spec }) => {
      const { realtime } = spec.domain.cpu ?? {};
      // A wrong topology has its own rule.
      if (realtime?.mask === undefined || !hasVcpus(spec)) return [];
      return realtimeVcpus(spec) === undefined
        ? [
            invalid(
              `${path}.domain.cpu.realtime.mask`,
              `${show(realtime.mask)} is no list of the VM's vCPUs: write one such as "0-3,^1", whose numbers are below their count, or leave it out for all`,
            ),
          ]
        : [];
    },
  }),
  instanceRule({
    id: 'cpu.numa-setting',
    field: '$.domain.cpu.numa.guestMappingPassthrough',
    source: 'none: both say what NUMA nodes the guest sees',
    summary: `NUMA passthrough beside the annotation ${VirtletAnnotation.cpuSetting}`,
    check: ({ path, spec, metadata }) =>
      spec.domain.cpu?.numa?.guestMappingPassthrough &&
      virtletValue(metadata, VirtletAnnotation.cpuSetting) !== undefined
        ? [
            invalid(
              `${path}.domain.cpu.numa.guestMappingPassthrough`,
              `does not go with the annotation ${VirtletAnnotation.cpuSetting}, which writes the guest's whole CPU: remove one of the two`,
            ),
          ]
        : [],
  }),
];
