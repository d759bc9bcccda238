import { isQuantity } from '../../api/quantity.js';
import { asksForNothing } from '../../api/settings/asks.js';
import { isMalformed, readQuantity, unitsOf } from '../rule/quantities.js';
import { because, invalid, required } from '../rule/finding.js';
import { instanceRule } from '../rule/rule.js';
import type { InstanceSubject } from '../rule/subject.js';
import { show } from '../rule/wording.js';

/** Below this an amount is a typing error ("1" for "1Gi"): no machine starts with it. */
const MIN_MEMORY = 1_000_000n;
/** No huge page is smaller: 64Ki is arm64's. */
const MIN_PAGE = 65_536n;

const lacksUnit = (amount: string | number | undefined): boolean => {
  const bytes = unitsOf(amount);
  return bytes > 0n && bytes < MIN_MEMORY;
};

/** What to write for an amount without its unit: as GiB a small number makes sense, as MiB a large one. */
const withUnit = (amount: string | number | undefined): string => {
  const digits = String(amount);
  const such = /^[1-9]\d{0,5}$/.test(digits) ? `"${digits}${digits.length < 3 ? 'Gi' : 'Mi'}"` : '"64Mi" or "1Gi"';
  return `${show(amount)} is less than 1M: write a unit after the number, such as ${such}`;
};

const limitOf = ({ spec }: InstanceSubject) => spec.domain.resources?.limits?.['memory'];
const requestOf = ({ spec }: InstanceSubject) => spec.domain.resources?.requests?.['memory'];
const requestPath = ({ path }: InstanceSubject) => `${path}.domain.resources.requests.memory`;
const limitPath = ({ path }: InstanceSubject) => `${path}.domain.resources.limits.memory`;

const pageSizePath = ({ path }: InstanceSubject) => `${path}.domain.memory.hugepages.pageSize`;

/**
 * Where the amount that huge pages must divide stands, and the amount: the request, and the guest's where it differs.
 */
export const hugepagesAmounts = (subject: InstanceSubject): readonly { field: string; amount: string | number }[] => {
  const guest = { field: `${subject.path}.domain.memory.guest`, amount: subject.spec.domain.memory?.guest };
  const [request, limit] = [requestOf(subject), limitOf(subject)];
  const candidates = [
    { field: requestPath(subject), amount: request },
    guest,
    { field: limitPath(subject), amount: limit },
  ];
  const given = candidates.flatMap(({ field, amount }) =>
    amount !== undefined && unitsOf(amount) > 0n ? [{ field, amount }] : [],
  );
  // Of what is there the first counts, and the guest's own amount, unless it is a copy.
  return given.filter(
    ({ field, amount }, index) => index === 0 || (field === guest.field && amount !== given[0]?.amount),
  );
};

export const memoryRules = [
  instanceRule({
    id: 'mem.request-negative',
    field: '$.domain.resources.requests.memory',
    source: '§6.2',
    summary: 'a negative memory request',
    check: (subject) =>
      unitsOf(requestOf(subject)) < 0n
        ? [
            invalid(
              requestPath(subject),
              `${show(requestOf(subject))} is negative: write how much memory the VM gets, such as "1Gi"`,
            ),
          ]
        : [],
  }),
  instanceRule({
    id: 'mem.request-min',
    field: '$.domain.resources.requests.memory',
    source: '§6.2',
    summary: 'a memory request below 1M: its unit was forgotten',
    check: (subject) =>
      lacksUnit(requestOf(subject)) ? [invalid(requestPath(subject), withUnit(requestOf(subject)))] : [],
  }),
  instanceRule({
    id: 'mem.limit-negative',
    field: '$.domain.resources.limits.memory',
    source: '§6.2',
    summary: 'a negative memory limit',
    check: (subject) =>
      unitsOf(limitOf(subject)) < 0n
        ? [invalid(limitPath(subject), `${show(limitOf(subject))} is negative: write a limit such as "1Gi", or none`)]
        : [],
  }),
  instanceRule({
    id: 'mem.request-over-limit',
    field: '$.domain.resources.requests.memory',
    source: '§6.2',
    summary: 'a memory request above the limit',
    check: (subject) => {
      const [request, limit] = [unitsOf(requestOf(subject)), unitsOf(limitOf(subject))];
      return limit > 0n && request > limit
        ? [
            invalid(
              requestPath(subject),
              `the request ${show(requestOf(subject))} is above limits.memory ${show(limitOf(subject))}: lower it or raise the limit`,
            ),
          ]
        : [];
    },
  }),
  instanceRule({
    id: 'mem.guest-positive',
    field: '$.domain.memory.guest',
    source: 'this project',
    summary: 'guest memory that is zero or negative',
    check: ({ path, spec }) => {
      const guest = spec.domain.memory?.guest;
      const { requests, limits } = spec.domain.resources ?? {};
      // Defaulted from a wrong request or limit: that is the mistake.
      if (guest === undefined || guest === requests?.['memory'] || guest === limits?.['memory']) return [];
      return isQuantity(guest) && unitsOf(guest) <= 0n
        ? [
            invalid(
              `${path}.domain.memory.guest`,
              `${show(guest)} is not an amount that a guest can run with: write how much it sees, such as "1Gi"`,
            ),
          ]
        : [];
    },
  }),
  instanceRule({
    id: 'mem.guest-min',
    field: '$.domain.memory.guest',
    source: 'this project',
    summary: 'guest memory below 1M: its unit was forgotten',
    check: ({ path, spec }) => {
      const { guest } = spec.domain.memory ?? {};
      const { requests, limits } = spec.domain.resources ?? {};
      if (!lacksUnit(guest)) return [];
      // Defaulted from a request or limit: that is the mistake.
      const isDefault = guest === requests?.['memory'] || guest === limits?.['memory'];
      return isDefault ? [] : [invalid(`${path}.domain.memory.guest`, withUnit(guest))];
    },
  }),
  instanceRule({
    id: 'mem.hugepages-format',
    field: '$.domain.memory.hugepages.pageSize',
    source: '§6.2',
    summary: 'huge pages of a size that none has',
    check: ({ path, spec }) => {
      const hugepages = spec.domain.memory?.hugepages;
      if (!hugepages || unitsOf(hugepages.pageSize) >= MIN_PAGE) return [];
      const wrong = hugepages.pageSize ? `${show(hugepages.pageSize)} is not a page size` : 'is missing';
      return [
        invalid(
          `${path}.domain.memory.hugepages.pageSize`,
          `${wrong}: write "2Mi" or "1Gi", whichever the nodes have reserved`,
        ),
      ];
    },
  }),
  instanceRule({
    id: 'mem.hugepages-larger',
    field: '$.domain.memory.hugepages.pageSize',
    source: '§6.2',
    summary: 'memory that is less than one huge page',
    check: (subject) => {
      const pageSize = subject.spec.domain.memory?.hugepages?.pageSize;
      if (pageSize === undefined) return [];
      const found = hugepagesAmounts(subject).find(({ amount }) => unitsOf(amount) < unitsOf(pageSize));
      if (found === undefined) return [];
      return because(pageSizePath(subject), [
        invalid(
          found.field,
          `${show(found.amount)} is less than one huge page of ${show(pageSize)}: write ${show(pageSize)} or more, or a smaller pageSize`,
        ),
      ]);
    },
  }),
  instanceRule({
    id: 'mem.hugepages-multiple',
    field: '$.domain.memory.hugepages.pageSize',
    source: '§6.2',
    summary: 'memory that is not a whole number of huge pages',
    check: (subject) => {
      const pageSize = subject.spec.domain.memory?.hugepages?.pageSize;
      if (pageSize === undefined) return [];
      const page = unitsOf(pageSize);
      if (page <= 0n) return [];
      const uneven = (amount: string | number) => unitsOf(amount) >= page && unitsOf(amount) % page !== 0n;
      const found = hugepagesAmounts(subject).find(({ amount }) => uneven(amount));
      if (found === undefined) return [];
      return because(pageSizePath(subject), [
        invalid(
          found.field,
          `${show(found.amount)} is not a whole number of huge pages of ${show(pageSize)}: write a multiple of it, or another pageSize`,
        ),
      ]);
    },
  }),
  instanceRule({
    id: 'mem.guest-over-limit',
    field: '$.domain.memory.guest',
    source: '§6.2',
    summary: 'guest memory above the memory limit, under the rollout strategy Stage',
    check: (subject) => {
      if (subject.config.vmRolloutStrategy !== 'Stage') return [];
      const guest = subject.spec.domain.memory?.guest;
      const limit = unitsOf(limitOf(subject));
      return limit > 0n && unitsOf(guest) > limit
        ? [
            invalid(
              `${subject.path}.domain.memory.guest`,
              `${show(guest)} is above limits.memory ${show(limitOf(subject))}: lower it or raise the limit`,
            ),
          ]
        : [];
    },
  }),
  instanceRule({
    id: 'mem.reserved-overhead-gate',
    field: '$.domain.memory.reservedOverhead',
    source: '§6.2',
    summary: '`reservedOverhead` while its feature gate is off',
    check: ({ path, spec, config }) =>
      asksForNothing(spec.domain.memory?.reservedOverhead, 'section') ||
      config.hasFeatureGate('ReservedOverheadMemlock')
        ? []
        : [
            invalid(
              `${path}.domain.memory.reservedOverhead`,
              'needs the feature gate ReservedOverheadMemlock, which is off: remove the field, or enable the gate in the KubeVirt object',
            ),
          ],
  }),
  instanceRule({
    id: 'mem.none',
    field: '$.domain.memory.guest',
    source: '§7.3',
    summary: 'a VM that says nowhere how much memory it has',
    check: ({ path, spec }) => {
      const { memory, resources } = spec.domain;
      const requested = readQuantity(resources?.requests?.['memory']);
      if (requested !== undefined && !requested.isZero()) return [];
      if (memory?.guest !== undefined || memory?.hugepages !== undefined) return [];
      if (isMalformed(resources?.requests?.['memory']) || isMalformed(resources?.limits?.['memory'])) return [];
      return [
        required(
          `${path}.domain.memory.guest`,
          'is missing, and no request says it either: write how much memory the guest sees, such as "1Gi"',
        ),
      ];
    },
  }),
];
