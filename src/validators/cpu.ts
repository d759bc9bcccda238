import type { CPU } from '../api/schema/cpu-memory.js';
import { millisOf, readQuantity, unitsOf } from './quantities.js';
import {
  because,
  instanceRule,
  invalid,
  notSupported,
  required,
  show,
  type Finding,
  type InstanceSubject,
} from './rule.js';

const FEATURE_POLICIES = ['force', 'require', 'optional', 'disable', 'forbid'];

const resourcesOf = ({ spec }: InstanceSubject) => {
  const { requests, limits } = spec.domain.resources ?? {};
  return { request: requests?.['cpu'], limit: limits?.['cpu'] };
};
const requestPath = ({ path }: InstanceSubject) => `${path}.domain.resources.requests.cpu`;
const limitPath = ({ path }: InstanceSubject) => `${path}.domain.resources.limits.cpu`;

/** Product of the topology's numbers that are not zero; 0 where all are (spec/admission.md §3.5). */
export const vcpus = (cpu: CPU | undefined): number => {
  const counts = [cpu?.sockets, cpu?.cores, cpu?.threads].filter((count): count is number => Boolean(count));
  return counts.length === 0 ? 0 : counts.reduce((product, count) => product * count, 1);
};

/** Findings of a rule that holds only for VMs with dedicated CPUs. */
const whenPinned =
  (check: (subject: InstanceSubject, cpu: CPU) => readonly Finding[]) =>
  (subject: InstanceSubject): readonly Finding[] => {
    const { cpu } = subject.spec.domain;
    return cpu?.dedicatedCpuPlacement
      ? because(`${subject.path}.domain.cpu.dedicatedCpuPlacement`, check(subject, cpu))
      : [];
  };

export const cpuRules = [
  instanceRule(
    'cpu.request-negative',
    '$.domain.resources.requests.cpu',
    '§6.3',
    'a negative CPU request',
    (subject) => {
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
  ),
  instanceRule('cpu.limit-negative', '$.domain.resources.limits.cpu', '§6.3', 'a negative CPU limit', (subject) => {
    const { limit } = resourcesOf(subject);
    return millisOf(limit) < 0n
      ? [invalid(limitPath(subject), `${show(limit)} is negative: write a limit such as 2, or none`)]
      : [];
  }),
  instanceRule(
    'cpu.request-over-limit',
    '$.domain.resources.requests.cpu',
    '§6.3',
    'a CPU request above the limit',
    (subject) => {
      const { request, limit } = resourcesOf(subject);
      return millisOf(limit) > 0n && millisOf(request) > millisOf(limit)
        ? [
            invalid(
              requestPath(subject),
              `the request ${show(request)} is above the limit ${show(limit)}: lower it or raise limits.cpu`,
            ),
          ]
        : [];
    },
  ),
  instanceRule(
    'cpu.isolate-emulator',
    '$.domain.cpu.isolateEmulatorThread',
    '§6.3',
    'an isolated emulator thread without dedicated CPUs',
    ({ path, spec }) =>
      spec.domain.cpu?.isolateEmulatorThread && !spec.domain.cpu.dedicatedCpuPlacement
        ? [
            invalid(
              `${path}.domain.cpu.isolateEmulatorThread`,
              'needs dedicated CPUs: add cpu.dedicatedCpuPlacement: true or remove isolateEmulatorThread',
            ),
          ]
        : [],
  ),
  instanceRule(
    'cpu.feature-policy',
    '$.domain.cpu.features[].policy',
    '§6.3',
    'a CPU feature policy that does not exist',
    ({ path, spec }) =>
      (spec.domain.cpu?.features ?? []).flatMap(({ name, policy }, i) =>
        !policy || FEATURE_POLICIES.includes(policy)
          ? []
          : [
              notSupported(
                `${path}.domain.cpu.features[${i}].policy`,
                `${show(policy)} is no policy of CPU feature ${show(name)}: write one of ${FEATURE_POLICIES.join(', ')}`,
              ),
            ],
      ),
  ),
  instanceRule(
    'cpu.max-sockets',
    '$.domain.cpu.sockets',
    '§6.3, §9.3 (vm.lu-sockets)',
    'more sockets than maxSockets',
    ({ path, spec }) => {
      const { sockets = 0, maxSockets = 0 } = spec.domain.cpu ?? {};
      return maxSockets > 0 && sockets > maxSockets
        ? [
            invalid(
              `${path}.domain.cpu.sockets`,
              `${sockets} sockets are above maxSockets ${maxSockets}: lower them or raise maxSockets`,
            ),
          ]
        : [];
    },
  ),
  instanceRule(
    'cpu.realtime-dedicated',
    '$.domain.cpu.dedicatedCpuPlacement',
    '§6.3',
    'a realtime VM without dedicated CPUs',
    ({ path, spec }) =>
      spec.domain.cpu?.realtime && !spec.domain.cpu.dedicatedCpuPlacement
        ? because(`${path}.domain.cpu.realtime`, [
            required(`${path}.domain.cpu.dedicatedCpuPlacement`, 'cpu.realtime needs dedicated CPUs: write true here'),
          ])
        : [],
  ),
  instanceRule(
    'cpu.realtime-numa',
    '$.domain.cpu.numa.guestMappingPassthrough',
    '§6.3',
    'a realtime VM without NUMA passthrough',
    ({ path, spec }) =>
      spec.domain.cpu?.realtime && !spec.domain.cpu.numa?.guestMappingPassthrough
        ? because(`${path}.domain.cpu.realtime`, [
            required(
              `${path}.domain.cpu.numa.guestMappingPassthrough`,
              'cpu.realtime needs NUMA passthrough: write {} here',
            ),
          ])
        : [],
  ),
  instanceRule(
    'cpu.numa-dedicated',
    '$.domain.cpu.numa.guestMappingPassthrough',
    '§6.3',
    'NUMA passthrough without dedicated CPUs',
    ({ path, spec }) =>
      // With realtime, cpu.realtime-dedicated already says it.
      spec.domain.cpu?.numa?.guestMappingPassthrough &&
      !spec.domain.cpu.dedicatedCpuPlacement &&
      !spec.domain.cpu.realtime
        ? [
            invalid(
              `${path}.domain.cpu.numa.guestMappingPassthrough`,
              'needs dedicated CPUs: add cpu.dedicatedCpuPlacement: true or remove cpu.numa',
            ),
          ]
        : [],
  ),
  instanceRule(
    'cpu.numa-hugepages',
    '$.domain.cpu.numa.guestMappingPassthrough',
    '§6.3',
    'NUMA passthrough without huge pages',
    ({ path, spec }) =>
      spec.domain.cpu?.numa?.guestMappingPassthrough && !spec.domain.memory?.hugepages
        ? [
            invalid(
              `${path}.domain.cpu.numa.guestMappingPassthrough`,
              'needs huge pages: add memory.hugepages.pageSize such as "2Mi" or remove cpu.numa',
            ),
          ]
        : [],
  ),
];

const isFraction = (text: string | number | undefined): boolean => {
  const quantity = readQuantity(text);
  return quantity !== undefined && quantity.sign() > 0 && !quantity.isInteger();
};

/** Rules of `cpu.dedicatedCpuPlacement`, in the order of spec/admission.md §6.3. */
export const pinningRules = [
  instanceRule(
    'pin.request-integer',
    '$.domain.resources.requests.cpu',
    '§6.3',
    'a fraction of a CPU requested with dedicated CPUs',
    whenPinned((subject) => {
      const { request } = resourcesOf(subject);
      return isFraction(request)
        ? [
            invalid(
              requestPath(subject),
              `dedicated CPUs are whole ones, ${show(request)} is a fraction: write a whole number`,
            ),
          ]
        : [];
    }),
  ),
  instanceRule(
    'pin.limit-integer',
    '$.domain.resources.limits.cpu',
    '§6.3',
    'a fraction of a CPU as limit with dedicated CPUs',
    whenPinned((subject) => {
      const { limit } = resourcesOf(subject);
      return isFraction(limit)
        ? [
            invalid(
              limitPath(subject),
              `dedicated CPUs are whole ones, ${show(limit)} is a fraction: write a whole number`,
            ),
          ]
        : [];
    }),
  ),
  instanceRule(
    'pin.memory-equal',
    '$.domain.resources.requests.memory',
    '§6.3',
    'with dedicated CPUs, a memory request that differs from the limit',
    whenPinned(({ path, spec }) => {
      const { requests, limits } = spec.domain.resources ?? {};
      const [request, limit] = [unitsOf(requests?.['memory']), unitsOf(limits?.['memory'])];
      return request > 0n && limit > 0n && request !== limit
        ? [
            invalid(
              `${path}.domain.resources.requests.memory`,
              `dedicated CPUs need a pod of class Guaranteed: write the same memory in requests (${show(requests?.['memory'])}) and limits (${show(limits?.['memory'])})`,
            ),
          ]
        : [];
    }),
  ),
  instanceRule(
    'pin.cpu-equal',
    '$.domain.cpu.dedicatedCpuPlacement',
    '§6.3',
    'with dedicated CPUs, a CPU request that differs from the limit',
    whenPinned((subject) => {
      const { request, limit } = resourcesOf(subject);
      return unitsOf(request) > 0n && unitsOf(limit) > 0n && unitsOf(request) !== unitsOf(limit)
        ? [
            invalid(
              `${subject.path}.domain.cpu.dedicatedCpuPlacement`,
              `dedicated CPUs need a pod of class Guaranteed: write the same CPUs in requests (${show(request)}) and limits (${show(limit)})`,
            ),
          ]
        : [];
    }),
  ),
  instanceRule(
    'pin.cpu-vs-topology',
    '$.domain.cpu.dedicatedCpuPlacement',
    '§6.3',
    'with dedicated CPUs, CPU resources that differ from the topology',
    whenPinned((subject, cpu) => {
      const { request, limit } = resourcesOf(subject);
      const [requested, limited, count] = [unitsOf(request), unitsOf(limit), BigInt(Math.trunc(vcpus(cpu)))];
      if ((requested <= 0n && limited <= 0n) || count <= 0n || requested === count || limited === count) return [];
      return [
        invalid(
          `${subject.path}.domain.cpu.dedicatedCpuPlacement`,
          `each vCPU needs its own CPU, but the topology has ${count} vCPUs and resources say ${show(limit ?? request)}: write ${count} in resources, or remove one of the two`,
        ),
      ];
    }),
  ),
  instanceRule(
    'pin.arm-threads',
    '$.domain.cpu.threads',
    '§6.3',
    'threads with dedicated CPUs on arm64',
    whenPinned(({ path, spec, config }, { threads = 0 }) =>
      threads > 1 && (spec.architecture || config.defaultArchitecture) === 'arm64'
        ? [invalid(`${path}.domain.cpu.threads`, `${threads} threads a core: arm64 has one, write 1 and more cores`)]
        : [],
    ),
  ),
  instanceRule(
    'pin.threads',
    '$.domain.cpu.threads',
    '§6.3',
    'more than two threads a core with dedicated CPUs',
    whenPinned(({ path, spec, config }, { threads = 0 }) =>
      threads > 2 && (spec.architecture || config.defaultArchitecture) !== 'arm64'
        ? [
            invalid(
              `${path}.domain.cpu.threads`,
              `${threads} threads a core: with dedicated CPUs write at most 2, and more cores`,
            ),
          ]
        : [],
    ),
  ),
];
