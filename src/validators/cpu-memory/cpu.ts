import { machineVcpus, usedMachineType } from '../../api/machine-types.js';
import { MOST_VCPUS } from '../../api/vmi/guest-size.js';
import type { CPU } from '../../api/schema/cpu-memory.js';
import { millisOf, unitsOf } from '../rule/quantities.js';
import { because, invalid, NOTHING, notSupported, required } from '../rule/finding.js';
import { instanceRule } from '../rule/rule.js';
import type { InstanceSubject } from '../rule/subject.js';
import { oneOf, show } from '../rule/wording.js';
import { isX86 } from './cpu-model.js';

/** One less than the APIC IDs of 8 bits: more want x2APIC, which emulated CPUs lack. */
const EMULATED_VCPUS = 255;
const FEATURE_POLICIES = ['force', 'require', 'optional', 'disable', 'forbid'];

/** The CPU request and limit as they are written. */
export const resourcesOf = ({ spec }: InstanceSubject) => {
  const { requests, limits } = spec.domain.resources ?? {};
  return { request: requests?.['cpu'], limit: limits?.['cpu'] };
};
export const requestPath = ({ path }: InstanceSubject) => `${path}.domain.resources.requests.cpu`;
export const limitPath = ({ path }: InstanceSubject) => `${path}.domain.resources.limits.cpu`;

/** Product of the topology's numbers that are not zero; 0 where all are (docs/reference/admission.md §3.5). */
export const vcpus = (cpu: CPU | undefined): number => {
  const counts = [cpu?.sockets, cpu?.cores, cpu?.threads].filter((count): count is number => Boolean(count));
  return counts.length === 0 ? 0 : counts.reduce((product, count) => product * count, 1);
};

export const cpuRules = [
  instanceRule({
    id: 'cpu.request-negative',
    field: '$.domain.resources.requests.cpu',
    source: '§6.3',
    summary: 'a negative CPU request',
    check: (subject) => {
      const { request, limit } = resourcesOf(subject);
      // A request that was defaulted from a negative limit is the limit's mistake.
      return millisOf(request) < 0n && request !== limit
        ? [
            invalid(
              requestPath(subject),
              `${show(request)} is negative: write how many CPUs the VM is promised, such as "500m" or 2`,
            ),
          ]
        : [];
    },
  }),
  instanceRule({
    id: 'cpu.limit-negative',
    field: '$.domain.resources.limits.cpu',
    source: '§6.3',
    summary: 'a negative CPU limit',
    check: (subject) => {
      const { limit } = resourcesOf(subject);
      return millisOf(limit) < 0n
        ? [
            invalid(
              limitPath(subject),
              `${show(limit)} is negative: write how many CPUs the VM may use, such as 2, or no limit`,
            ),
          ]
        : [];
    },
  }),
  instanceRule({
    id: 'cpu.request-over-limit',
    field: '$.domain.resources.requests.cpu',
    source: '§6.3',
    summary: 'a CPU request above the limit',
    check: (subject) => {
      const { request, limit } = resourcesOf(subject);
      return millisOf(limit) > 0n && millisOf(request) > millisOf(limit)
        ? [
            invalid(
              requestPath(subject),
              `the request ${show(request)} is above limits.cpu ${show(limit)}: lower it or raise the limit`,
            ),
          ]
        : [];
    },
  }),
  instanceRule({
    id: 'cpu.isolate-emulator',
    field: '$.domain.cpu.isolateEmulatorThread',
    source: '§6.3',
    summary: 'an isolated emulator thread in a VM without dedicated CPUs',
    check: ({ path, spec }) =>
      spec.domain.cpu?.isolateEmulatorThread && !spec.domain.cpu.dedicatedCpuPlacement
        ? [
            invalid(
              `${path}.domain.cpu.isolateEmulatorThread`,
              'needs dedicated CPUs: add cpu.dedicatedCpuPlacement: true, or remove isolateEmulatorThread',
            ),
          ]
        : [],
  }),
  instanceRule({
    id: 'cpu.feature-policy',
    field: '$.domain.cpu.features[].policy',
    source: '§6.3',
    summary: 'a CPU feature policy that does not exist',
    check: ({ path, spec }) =>
      (spec.domain.cpu?.features ?? []).flatMap(({ name, policy }, i) =>
        !policy || FEATURE_POLICIES.includes(policy)
          ? []
          : [
              notSupported(
                `${path}.domain.cpu.features[${i}].policy`,
                `${show(policy)} is not a policy for the CPU feature ${show(name)}: ${oneOf(policy, FEATURE_POLICIES)}`,
              ),
            ],
      ),
  }),
  instanceRule({
    id: 'cpu.max-sockets',
    field: '$.domain.cpu.sockets',
    source: '§6.3, §9.3 (vm.lu-sockets)',
    summary: 'more sockets than `maxSockets` allows',
    check: ({ path, spec }) => {
      const { sockets = 0, maxSockets = 0 } = spec.domain.cpu ?? {};
      return maxSockets > 0 && sockets > maxSockets
        ? [
            invalid(
              `${path}.domain.cpu.sockets`,
              `${sockets} sockets are more than maxSockets ${maxSockets}: write fewer, or raise maxSockets`,
            ),
          ]
        : [];
    },
  }),
  instanceRule({
    id: 'cpu.vcpus',
    field: '$.domain.cpu',
    source: 'none: the launcher refuses it',
    summary: `more than ${MOST_VCPUS} vCPUs`,
    check: (subject) => {
      const { cpu } = subject.spec.domain;
      const { request, limit } = resourcesOf(subject);
      const amount = unitsOf(limit ?? request);
      // A topology that is, or will be, defaulted from an amount is that amount's mistake.
      const isDefaulted =
        vcpus(cpu) === 0 || (cpu?.cores === 1 && cpu.threads === 1 && BigInt(cpu.sockets ?? 0) <= amount);
      if (isDefaulted && amount > BigInt(MOST_VCPUS)) {
        const field = limit === undefined ? requestPath(subject) : limitPath(subject);
        return [
          invalid(field, `${show(limit ?? request)} CPUs are more than a VM can have: write at most ${MOST_VCPUS}`),
        ];
      }
      // What no field can hold the schema refuses.
      const isCountable = [cpu?.sockets, cpu?.cores, cpu?.threads].every((part = 0) => part >= 0 && part < 2 ** 32);
      const count = vcpus(cpu);
      if (!isCountable || count <= MOST_VCPUS) return [];
      return [
        invalid(
          `${subject.path}.domain.cpu`,
          `sockets × cores × threads are ${count} vCPUs, more than a VM can have: write at most ${MOST_VCPUS} together`,
        ),
      ];
    },
  }),
  instanceRule({
    id: 'cpu.machine-vcpus',
    field: '$.domain.cpu',
    source: 'none: libvirt or QEMU would refuse it',
    summary: 'more vCPUs than the machine type has room for; without KVM, more than 255',
    check: ({ path, spec, config }) => {
      const count = vcpus(spec.domain.cpu);
      const type = isX86(spec.architecture)
        ? usedMachineType(spec.domain.machine?.type || config.machineTypes.amd64)
        : undefined;
      // Without KVM QEMU says: "APIC ID 255 requires x2APIC feature in CPU". With it, libvirt adds the IOMMU.
      if (isX86(spec.architecture) && config.useEmulation && count > EMULATED_VCPUS && count <= MOST_VCPUS)
        return [
          invalid(
            `${path}.domain.cpu`,
            `sockets × cores × threads are ${count} vCPUs, and an emulated machine (useEmulation) has room for ${EMULATED_VCPUS}: write fewer`,
          ),
        ];
      // What is no machine type is refused as such, and so is more than any has.
      if (type === undefined || count > MOST_VCPUS || count <= machineVcpus(type)) return NOTHING;
      return because(`${path}.domain.machine.type`, [
        invalid(
          `${path}.domain.cpu`,
          `sockets × cores × threads are ${count} vCPUs, and the machine type ${type} has room for ${machineVcpus(type)}: write fewer, or machine.type: q35`,
        ),
      ]);
    },
  }),
  instanceRule({
    id: 'cpu.realtime-dedicated',
    field: '$.domain.cpu.dedicatedCpuPlacement',
    source: '§6.3',
    summary: 'a realtime VM without dedicated CPUs',
    check: ({ path, spec }) =>
      spec.domain.cpu?.realtime && !spec.domain.cpu.dedicatedCpuPlacement
        ? because(`${path}.domain.cpu.realtime`, [
            required(
              `${path}.domain.cpu.dedicatedCpuPlacement`,
              'is not set, and cpu.realtime needs dedicated CPUs: write true, or remove cpu.realtime',
            ),
          ])
        : [],
  }),
  instanceRule({
    id: 'cpu.realtime-numa',
    field: '$.domain.cpu.numa.guestMappingPassthrough',
    source: '§6.3',
    summary: 'a realtime VM without NUMA passthrough',
    check: ({ path, spec }) =>
      spec.domain.cpu?.realtime && !spec.domain.cpu.numa?.guestMappingPassthrough
        ? because(`${path}.domain.cpu.realtime`, [
            required(
              `${path}.domain.cpu.numa.guestMappingPassthrough`,
              'is not set, and cpu.realtime needs NUMA passthrough: write {}, or remove cpu.realtime',
            ),
          ])
        : [],
  }),
  instanceRule({
    id: 'cpu.numa-dedicated',
    field: '$.domain.cpu.numa.guestMappingPassthrough',
    source: '§6.3',
    summary: 'NUMA passthrough without dedicated CPUs',
    check: ({ path, spec }) =>
      // With realtime, cpu.realtime-dedicated already says it.
      spec.domain.cpu?.numa?.guestMappingPassthrough &&
      !spec.domain.cpu.dedicatedCpuPlacement &&
      !spec.domain.cpu.realtime
        ? [
            invalid(
              `${path}.domain.cpu.numa.guestMappingPassthrough`,
              'needs dedicated CPUs: add cpu.dedicatedCpuPlacement: true, or remove cpu.numa',
            ),
          ]
        : [],
  }),
  instanceRule({
    id: 'cpu.numa-hugepages',
    field: '$.domain.cpu.numa.guestMappingPassthrough',
    source: '§6.3',
    summary: 'NUMA passthrough without huge pages',
    check: ({ path, spec }) =>
      spec.domain.cpu?.numa?.guestMappingPassthrough && !spec.domain.memory?.hugepages
        ? [
            invalid(
              `${path}.domain.cpu.numa.guestMappingPassthrough`,
              'needs huge pages: add memory.hugepages.pageSize, such as "2Mi", or remove cpu.numa',
            ),
          ]
        : [],
  }),
];
