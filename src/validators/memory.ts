import { isQuantity } from '../api/quantity.js';
import { isMalformed, readQuantity, unitsOf } from './quantities.js';
import { because, instanceRule, invalid, required, show, type InstanceSubject } from './rule.js';

/** Below this a request is a typing error ("1" for "1Gi"): no machine starts with it. */
const MIN_REQUEST = 1_000_000n;

const limitOf = ({ spec }: InstanceSubject) => spec.domain.resources?.limits?.['memory'];
const requestOf = ({ spec }: InstanceSubject) => spec.domain.resources?.requests?.['memory'];
const requestPath = ({ path }: InstanceSubject) => `${path}.domain.resources.requests.memory`;
const limitPath = ({ path }: InstanceSubject) => `${path}.domain.resources.limits.memory`;

const pageSizePath = ({ path }: InstanceSubject) => `${path}.domain.memory.hugepages.pageSize`;

/** Where the amount that huge pages must divide stands, and the amount. */
const hugepagesAmount = (subject: InstanceSubject): { field: string; amount: string | number } | undefined => {
  const guest = subject.spec.domain.memory?.guest;
  const candidates = [
    { field: requestPath(subject), amount: requestOf(subject) },
    { field: `${subject.path}.domain.memory.guest`, amount: guest },
    { field: limitPath(subject), amount: limitOf(subject) },
  ];
  for (const { field, amount } of candidates) {
    if (amount !== undefined && unitsOf(amount) > 0n) return { field, amount };
  }
  return undefined;
};

export const memoryRules = [
  instanceRule(
    'mem.request-negative',
    '$.domain.resources.requests.memory',
    '§6.2',
    'a negative memory request',
    (subject) =>
      unitsOf(requestOf(subject)) < 0n
        ? [
            invalid(
              requestPath(subject),
              `${show(requestOf(subject))} is negative: write how much memory the VM gets, such as "1Gi"`,
            ),
          ]
        : [],
  ),
  instanceRule(
    'mem.request-min',
    '$.domain.resources.requests.memory',
    '§6.2',
    'a memory request below 1M, which is a forgotten suffix',
    (subject) => {
      const bytes = unitsOf(requestOf(subject));
      return bytes > 0n && bytes < MIN_REQUEST
        ? [
            invalid(
              requestPath(subject),
              `${show(requestOf(subject))} is less than 1M: write a suffix, such as "64Mi" or "1Gi"`,
            ),
          ]
        : [];
    },
  ),
  instanceRule(
    'mem.limit-negative',
    '$.domain.resources.limits.memory',
    '§6.2',
    'a negative memory limit',
    (subject) =>
      unitsOf(limitOf(subject)) < 0n
        ? [invalid(limitPath(subject), `${show(limitOf(subject))} is negative: write a limit such as "1Gi", or none`)]
        : [],
  ),
  instanceRule(
    'mem.request-over-limit',
    '$.domain.resources.requests.memory',
    '§6.2',
    'a memory request above the limit',
    (subject) => {
      const [request, limit] = [unitsOf(requestOf(subject)), unitsOf(limitOf(subject))];
      return limit > 0n && request > limit
        ? [
            invalid(
              requestPath(subject),
              `the request ${show(requestOf(subject))} is above the limit ${show(limitOf(subject))}: lower it or raise limits.memory`,
            ),
          ]
        : [];
    },
  ),
  instanceRule(
    'mem.guest-positive',
    '$.domain.memory.guest',
    'none: the reference accepts it and the VM cannot start',
    'guest memory of zero or less',
    ({ path, spec }) => {
      const guest = spec.domain.memory?.guest;
      const { requests, limits } = spec.domain.resources ?? {};
      // Defaulted from a wrong request or limit: that is the mistake.
      if (guest === undefined || guest === requests?.['memory'] || guest === limits?.['memory']) return [];
      return isQuantity(guest) && unitsOf(guest) <= 0n
        ? [
            invalid(
              `${path}.domain.memory.guest`,
              `${show(guest)} is no memory: write how much the guest sees, such as "1Gi"`,
            ),
          ]
        : [];
    },
  ),
  instanceRule(
    'mem.hugepages-format',
    '$.domain.memory.hugepages.pageSize',
    '§6.2',
    'a page size that is not a positive quantity',
    ({ path, spec }) => {
      const hugepages = spec.domain.memory?.hugepages;
      if (!hugepages || unitsOf(hugepages.pageSize) > 0n) return [];
      return [
        invalid(
          `${path}.domain.memory.hugepages.pageSize`,
          `${show(hugepages.pageSize)} is no page size: write "2Mi" or "1Gi", whichever the nodes have`,
        ),
      ];
    },
  ),
  instanceRule(
    'mem.hugepages-larger',
    '$.domain.memory.hugepages.pageSize',
    '§6.2',
    'memory smaller than one huge page',
    (subject) => {
      const pageSize = subject.spec.domain.memory?.hugepages?.pageSize;
      if (pageSize === undefined) return [];
      const found = hugepagesAmount(subject);
      if (!found || unitsOf(found.amount) >= unitsOf(pageSize)) return [];
      return because(pageSizePath(subject), [
        invalid(
          found.field,
          `${show(found.amount)} is smaller than one huge page of ${show(pageSize)}: write at least ${show(pageSize)}`,
        ),
      ]);
    },
  ),
  instanceRule(
    'mem.hugepages-multiple',
    '$.domain.memory.hugepages.pageSize',
    '§6.2',
    'memory that is not a whole number of huge pages',
    (subject) => {
      const pageSize = subject.spec.domain.memory?.hugepages?.pageSize;
      if (pageSize === undefined) return [];
      const page = unitsOf(pageSize);
      const found = hugepagesAmount(subject);
      if (!found || page <= 0n || unitsOf(found.amount) < page || unitsOf(found.amount) % page === 0n) return [];
      return because(pageSizePath(subject), [
        invalid(
          found.field,
          `${show(found.amount)} is not a whole number of huge pages: write a multiple of ${show(pageSize)}`,
        ),
      ]);
    },
  ),
  instanceRule(
    'mem.guest-over-limit',
    '$.domain.memory.guest',
    '§6.2',
    'guest memory above the limit (rollout strategy Stage)',
    (subject) => {
      if (subject.config.vmRolloutStrategy !== 'Stage') return [];
      const guest = subject.spec.domain.memory?.guest;
      const limit = unitsOf(limitOf(subject));
      return limit > 0n && unitsOf(guest) > limit
        ? [
            invalid(
              `${subject.path}.domain.memory.guest`,
              `the guest's ${show(guest)} is above limits.memory ${show(limitOf(subject))}: lower it or raise the limit`,
            ),
          ]
        : [];
    },
  ),
  instanceRule(
    'mem.reserved-overhead-gate',
    '$.domain.memory.reservedOverhead',
    '§6.2',
    'reservedOverhead without its feature gate',
    ({ path, spec, config }) =>
      spec.domain.memory?.reservedOverhead === undefined || config.hasFeatureGate('ReservedOverheadMemlock')
        ? []
        : [
            invalid(
              `${path}.domain.memory.reservedOverhead`,
              'needs the feature gate ReservedOverheadMemlock, which is off: remove the field or enable the gate',
            ),
          ],
  ),
  instanceRule('mem.none', '$.domain.memory.guest', '§7.3', 'a VM with no memory anywhere', ({ path, spec }) => {
    const { memory, resources } = spec.domain;
    const requested = readQuantity(resources?.requests?.['memory']);
    if (requested !== undefined && !requested.isZero()) return [];
    if (memory?.guest !== undefined || memory?.hugepages !== undefined) return [];
    if (isMalformed(resources?.requests?.['memory']) || isMalformed(resources?.limits?.['memory'])) return [];
    return [
      required(`${path}.domain.memory.guest`, 'the VM has no memory: write how much the guest sees, such as "1Gi"'),
    ];
  }),
];
