import type { Warning } from './warning.js';

/* What a VM names and nobody knows here. */

const ROLES = ['instancetype', 'preference'] as const;

export const instancetypeWarnings: readonly Warning[] = [
  {
    id: 'W-INST-1',
    told: 'apply',
    kinds: ['VirtualMachine'],
    when: 'the instance type or preference that a VM names does not exist: it does not start before it does',
    source: 'KubeVirt, pkg/instancetype',
    check: ({ missing = [] }) => missing,
  },
  {
    id: 'W-INF-1',
    told: 'apply',
    kinds: ['VirtualMachine'],
    when: 'an instance type or preference is inferred from a volume that is not among the files that are looked at',
    source: 'none: who has a cluster knows',
    check: ({ matchers = {} }) =>
      ROLES.filter((role) => matchers[role]?.inferFromVolume && !matchers[role].name).map((role) => ({
        field: `spec.${role}.inferFromVolume`,
        message:
          'nothing is known here of the labels of this volume, so what they bring is not checked: the cluster will look at them',
      })),
  },
];
