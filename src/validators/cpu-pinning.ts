import type { CPU } from '../api/schema/cpu-memory.js';
import { limitPath, requestPath, resourcesOf, vcpus } from './cpu.js';
import { readQuantity, unitsOf } from './quantities.js';
import { because, instanceRule, invalid, show, type Finding, type InstanceSubject } from './rule.js';

/** Findings of a rule that holds only for VMs with dedicated CPUs. */
const whenPinned =
  (check: (subject: InstanceSubject, cpu: CPU) => readonly Finding[]) =>
  (subject: InstanceSubject): readonly Finding[] => {
    const { cpu } = subject.spec.domain;
    return cpu?.dedicatedCpuPlacement
      ? because(`${subject.path}.domain.cpu.dedicatedCpuPlacement`, check(subject, cpu))
      : [];
  };

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
