import { isMalformed, millisOf } from '../rule/quantities.js';
import { required } from '../rule/finding.js';
import { instanceRule } from '../rule/rule.js';

export const multiqueueRules = [
  instanceRule({
    id: 'disk.multiqueue-cpu',
    field: '$.domain.devices.blockMultiQueue',
    source: 'docs/reference/user-guides.md §3.8',
    summary: '`blockMultiQueue` without a CPU request or limit',
    check: ({ path, spec }) => {
      const { requests, limits } = spec.domain.resources ?? {};
      if (!spec.domain.devices.blockMultiQueue) return [];
      if (millisOf(requests?.['cpu']) > 0n || millisOf(limits?.['cpu']) > 0n) return [];
      if (isMalformed(requests?.['cpu']) || isMalformed(limits?.['cpu'])) return [];
      return [
        required(
          `${path}.domain.devices.blockMultiQueue`,
          'true makes a queue for each vCPU, and nothing sets CPU time aside for them (cpu.cores is what the guest sees): write domain.resources.requests.cpu or limits.cpu, such as "2"',
        ),
      ];
    },
  }),
];
