import { defineCommand } from '../command.js';
import { VM_TARGET } from '../shared-flags.js';

export const command = defineCommand({
  name: 'pending',
  group: 'Virtual machines in a cluster',
  describe: 'List what of a virtual machine waits for a restart',
  arguments: { target: VM_TARGET },
  flags: {
    output: { type: 'string', alias: 'o', describe: 'Output format: json or yaml', complete: ['json', 'yaml'] },
  },
  examples: [
    ['pending web', 'Each field that a restart would change: what runs, what is wanted'],
    ['pending web -o json', 'The same for a script; an empty list where nothing waits'],
  ],
  run: async (io, flags) => (await import('../pending/pending.js')).pending(io, flags),
});
