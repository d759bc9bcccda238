import { defineCommand } from '../command.js';
import { POLICIES } from '../shared-flags.js';

export const command = defineCommand({
  name: 'policy pause',
  group: 'Policies for virtual machines',
  describe: 'Let policies only count for a while: an emergency off switch that ends by itself',
  arguments: { names: POLICIES },
  flags: {
    for: { type: 'string', default: '30m', describe: 'How long, at most 4h', complete: ['15m', '30m', '1h', '4h'] },
    reason: { type: 'string', describe: 'Why; required, and seen by everybody', complete: [] },
  },
  examples: [
    ['policy pause vm-size --for 30m --reason INFRA-17', 'A policy of the cluster'],
    ['policy pause vmpol/vm-size -n shop --reason INFRA-17', 'A policy of a namespace'],
    ['policy pause --for 1h --reason INFRA-17', 'All policies'],
  ],
  epilogue: 'A policy that is paused counts as Audit until the time is over. It takes the verb pause on the policy.',
  run: async (io, flags) => (await import('../policy-objects/pause.js')).pausePolicies(io, flags),
});
