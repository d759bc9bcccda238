import { isMalformed, millisOf } from '../rule/quantities.js';
import { instanceRule, required } from '../rule/rule.js';

export const multiqueueRules = [
  instanceRule(
    'disk.multiqueue-cpu',
    '$.domain.devices.blockMultiQueue',
    'design §5',
    '`blockMultiQueue` without a CPU request or limit',
    ({ path, spec }) => {
      const { requests, limits } = spec.domain.resources ?? {};
      if (!spec.domain.devices.blockMultiQueue) return [];
      if (millisOf(requests?.['cpu']) > 0n || millisOf(limits?.['cpu']) > 0n) return [];
      if (isMalformed(requests?.['cpu']) || isMalformed(limits?.['cpu'])) return [];
      return [
        required(
          `${path}.domain.devices.blockMultiQueue`,
          'true makes a queue for each CPU, and no CPUs are requested: write domain.resources.requests.cpu or limits.cpu, such as "2"',
        ),
      ];
    },
  ),
];
