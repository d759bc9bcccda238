import { defineCommand } from '../command.js';
import { POLICIES } from '../shared-flags.js';

export const command = defineCommand({
  name: 'policy resume',
  group: 'Policies for virtual machines',
  describe: 'End the pause of policies',
  arguments: { names: POLICIES },
  flags: {},
  examples: [
    ['policy resume vm-size', 'A policy of the cluster'],
    ['policy resume', 'The pause of all policies; those that are paused by themselves stay so'],
  ],
  run: async (io, flags) => (await import('../policy-objects/pause.js')).resumePolicies(io, flags),
});
