import { defineCommand } from '../command.js';

export const command = defineCommand({
  name: 'policy exceptions',
  group: 'Policies for virtual machines',
  describe: 'List who is let off which policy, for how long yet',
  arguments: {},
  flags: {
    'all-namespaces': { type: 'boolean', alias: 'A', describe: 'Exceptions of every namespace' },
    expiring: {
      type: 'string',
      describe: 'Only those that end within this time, or have ended',
      complete: ['24h', '7d', '14d', '30d'],
    },
    output: { type: 'string', alias: 'o', describe: 'Output format: json or yaml', complete: ['json', 'yaml'] },
  },
  examples: [
    ['policy exceptions', 'Those of the namespace, the first to end first'],
    ['policy exceptions -A --expiring 14d', 'What ends in the next two weeks, anywhere'],
  ],
  run: async (io, flags) => (await import('../policy-objects/exceptions.js')).policyExceptions(io, flags),
});
