import type { CPU } from '../../api/schema/cpu-memory.js';
import { limitPath, requestPath, resourcesOf, vcpus } from './cpu.js';
import { readQuantity, unitsOf } from '../rule/quantities.js';
import { because, invalid, type Finding } from '../rule/finding.js';
import { instanceRule } from '../rule/rule.js';
import type { InstanceSubject } from '../rule/subject.js';
import { show } from '../rule/wording.js';

/** Findings of a rule that holds only for VMs with dedicated CPUs. */
const whenPinned =
  (check: (subject: InstanceSubject, cpu: CPU) => readonly Finding[]) =>
  (subject: InstanceSubject): readonly Finding[] => {
    const { cpu } = subject.spec.domain;
    return cpu?.dedicatedCpuPlacement
      ? because(`${subject.path}.domain.cpu.dedicatedCpuPlacement`, check(subject, cpu))
      : [];
  };

type Amount = string | number | undefined;

const isFraction = (text: Amount): boolean => {
  const quantity = readQuantity(text);
  return quantity !== undefined && quantity.sign() > 0 && !quantity.isInteger();
};

const fractionMessage = (amount: Amount): string =>
  `${show(amount)} is a fraction, and dedicated CPUs are whole ones: write a whole number, such as ${unitsOf(amount)}`;

/** Request and limit as whole CPUs, where other rules have nothing against them: one mistake, one cause. */
const wholeCpus = (subject: InstanceSubject): { requested: bigint; limited: bigint } | undefined => {
  const { request, limit } = resourcesOf(subject);
  const [requested, limited] = [unitsOf(request), unitsOf(limit)];
  const wrong = isFraction(request) || isFraction(limit) || (limited > 0n && requested > limited);
  return wrong ? undefined : { requested, limited };
};

/** Rules of `cpu.dedicatedCpuPlacement`, in the order of docs/reference/admission.md §6.3. */
export const pinningRules = [
  instanceRule({
    id: 'pin.request-integer',
    field: '$.domain.resources.requests.cpu',
    source: '§6.3',
    summary: 'a CPU request that is not a whole number, with dedicated CPUs',
    check: whenPinned((subject) => {
      const { request, limit } = resourcesOf(subject);
      // A request that was defaulted from the limit is the limit's mistake.
      return isFraction(request) && request !== limit ? [invalid(requestPath(subject), fractionMessage(request))] : [];
    }),
  }),
  instanceRule({
    id: 'pin.limit-integer',
    field: '$.domain.resources.limits.cpu',
    source: '§6.3',
    summary: 'a CPU limit that is not a whole number, with dedicated CPUs',
    check: whenPinned((subject) => {
      const { limit } = resourcesOf(subject);
      return isFraction(limit) ? [invalid(limitPath(subject), fractionMessage(limit))] : [];
    }),
  }),
  instanceRule({
    id: 'pin.memory-equal',
    field: '$.domain.resources.requests.memory',
    source: '§6.3',
    summary: 'a memory request below the memory limit, with dedicated CPUs',
    check: whenPinned(({ path, spec }) => {
      const { requests, limits } = spec.domain.resources ?? {};
      const [request, limit] = [unitsOf(requests?.['memory']), unitsOf(limits?.['memory'])];
      // A request above the limit is refused by mem.request-over-limit.
      return request > 0n && request < limit
        ? [
            invalid(
              `${path}.domain.resources.requests.memory`,
              `the request ${show(requests?.['memory'])} is below limits.memory ${show(limits?.['memory'])}, and dedicated CPUs need a pod of class Guaranteed: write the same in both`,
            ),
          ]
        : [];
    }),
  }),
  instanceRule({
    id: 'pin.overcommit',
    field: '$.domain.resources.overcommitGuestOverhead',
    source: 'none: the pod would not be of class Guaranteed, and the VM never start',
    summary: 'an overcommitted overhead, with dedicated CPUs',
    check: whenPinned(({ path, spec }) =>
      spec.domain.resources?.overcommitGuestOverhead === true
        ? [
            invalid(
              `${path}.domain.resources.overcommitGuestOverhead`,
              'true makes a pod that is not of class Guaranteed, which dedicated CPUs need: remove it, or cpu.dedicatedCpuPlacement',
            ),
          ]
        : [],
    ),
  }),
  instanceRule({
    id: 'pin.cpu-equal',
    field: '$.domain.cpu.dedicatedCpuPlacement',
    source: '§6.3',
    summary: 'a CPU request below the CPU limit, with dedicated CPUs',
    check: whenPinned((subject) => {
      const { requested, limited } = wholeCpus(subject) ?? { requested: 0n, limited: 0n };
      return requested > 0n && requested < limited
        ? [
            invalid(
              `${subject.path}.domain.cpu.dedicatedCpuPlacement`,
              `requests.cpu ${requested} is below limits.cpu ${limited}, and dedicated CPUs need a pod of class Guaranteed: write the same in both`,
            ),
          ]
        : [];
    }),
  }),
  instanceRule({
    id: 'pin.cpu-vs-topology',
    field: '$.domain.cpu.dedicatedCpuPlacement',
    source: '§6.3',
    summary: 'CPU resources that are not the number of vCPUs, with dedicated CPUs',
    check: whenPinned((subject, cpu) => {
      const { requested, limited } = wholeCpus(subject) ?? { requested: 0n, limited: 0n };
      const count = BigInt(Math.trunc(vcpus(cpu)));
      const resources = limited > 0n ? limited : requested;
      // A request below the limit is refused by pin.cpu-equal.
      if (resources <= 0n || count <= 0n || resources === count || (requested > 0n && requested < limited)) return [];
      return [
        invalid(
          `${subject.path}.domain.cpu.dedicatedCpuPlacement`,
          `each vCPU needs a CPU of its own, but cpu makes ${count} vCPUs and domain.resources has ${resources} CPUs: write ${count} there, or leave one of the two out`,
        ),
      ];
    }),
  }),
  instanceRule({
    id: 'pin.arm-threads',
    field: '$.domain.cpu.threads',
    source: '§6.3',
    summary: 'more than one thread for a core, with dedicated CPUs on arm64',
    check: ({ path, spec, config }) => {
      const { dedicatedCpuPlacement, threads = 0 } = spec.domain.cpu ?? {};
      if (!dedicatedCpuPlacement || threads <= 1) return [];
      if ((spec.architecture || config.defaultArchitecture) !== 'arm64') return [];
      return because(`${path}.architecture`, [
        invalid(
          `${path}.domain.cpu.threads`,
          `${threads} threads are too many for a core of arm64, which has one: write 1, and more cores`,
        ),
      ]);
    },
  }),
  instanceRule({
    id: 'pin.threads',
    field: '$.domain.cpu.threads',
    source: '§6.3',
    summary: 'more than two threads for a core, with dedicated CPUs',
    check: whenPinned(({ path, spec, config }, { threads = 0 }) =>
      threads > 2 && (spec.architecture || config.defaultArchitecture) !== 'arm64'
        ? [
            invalid(
              `${path}.domain.cpu.threads`,
              `${threads} threads are too many for a core with dedicated CPUs, which has 2 at most: write 2, and more cores`,
            ),
          ]
        : [],
    ),
  }),
];
