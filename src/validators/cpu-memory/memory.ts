import { isQuantity } from '../../api/quantity.js';
import { isMalformed, readQuantity, unitsOf } from '../rule/quantities.js';
import { because, instanceRule, invalid, required, show, type InstanceSubject } from '../rule/rule.js';

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
    'a memory request below 1M: its unit was forgotten',
    (subject) => {
      const bytes = unitsOf(requestOf(subject));
      return bytes > 0n && bytes < MIN_REQUEST
        ? [
            invalid(
              requestPath(subject),
              `${show(requestOf(subject))} is less than 1M: write a unit after the number, such as "64Mi" or "1Gi"`,
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
              `the request ${show(requestOf(subject))} is above limits.memory ${show(limitOf(subject))}: lower it or raise the limit`,
            ),
          ]
        : [];
    },
  ),
  instanceRule(
    'mem.guest-positive',
    '$.domain.memory.guest',
    'this project',
    'guest memory that is zero or negative',
    ({ path, spec }) => {
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
  ),
  instanceRule(
    'mem.hugepages-format',
    '$.domain.memory.hugepages.pageSize',
    '§6.2',
    'huge pages whose size is not a positive amount',
    ({ path, spec }) => {
      const hugepages = spec.domain.memory?.hugepages;
      if (!hugepages || unitsOf(hugepages.pageSize) > 0n) return [];
      const wrong = hugepages.pageSize ? `${show(hugepages.pageSize)} is not a page size` : 'is missing';
      return [
        invalid(
          `${path}.domain.memory.hugepages.pageSize`,
          `${wrong}: write "2Mi" or "1Gi", whichever the nodes have reserved`,
        ),
      ];
    },
  ),
  instanceRule(
    'mem.hugepages-larger',
    '$.domain.memory.hugepages.pageSize',
    '§6.2',
    'memory that is less than one huge page',
    (subject) => {
      const pageSize = subject.spec.domain.memory?.hugepages?.pageSize;
      if (pageSize === undefined) return [];
      const found = hugepagesAmount(subject);
      if (!found || unitsOf(found.amount) >= unitsOf(pageSize)) return [];
      return because(pageSizePath(subject), [
        invalid(
          found.field,
          `${show(found.amount)} is less than one huge page of ${show(pageSize)}: write ${show(pageSize)} or more, or a smaller pageSize`,
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
          `${show(found.amount)} is not a whole number of huge pages of ${show(pageSize)}: write a multiple of it, or another pageSize`,
        ),
      ]);
    },
  ),
  instanceRule(
    'mem.guest-over-limit',
    '$.domain.memory.guest',
    '§6.2',
    'guest memory above the memory limit, under the rollout strategy Stage',
    (subject) => {
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
  ),
  instanceRule(
    'mem.reserved-overhead-gate',
    '$.domain.memory.reservedOverhead',
    '§6.2',
    '`reservedOverhead` while its feature gate is off',
    ({ path, spec, config }) =>
      spec.domain.memory?.reservedOverhead === undefined || config.hasFeatureGate('ReservedOverheadMemlock')
        ? []
        : [
            invalid(
              `${path}.domain.memory.reservedOverhead`,
              'needs the feature gate ReservedOverheadMemlock, which is off: remove the field, or enable the gate in the KubeVirt object',
            ),
          ],
  ),
  instanceRule(
    'mem.none',
    '$.domain.memory.guest',
    '§7.3',
    'a VM that says nowhere how much memory it has',
    ({ path, spec }) => {
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
  ),
];
