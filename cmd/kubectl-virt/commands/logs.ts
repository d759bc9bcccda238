import { defineCommand } from '../command.js';
import { VMI_TARGET } from '../shared-flags.js';

export const command = defineCommand({
  name: 'logs',
  group: 'Virtual machines in a cluster',
  describe: 'Show what a guest has said on its serial console, where the VM keeps that (logSerialConsole)',
  arguments: { target: VMI_TARGET },
  flags: {
    follow: { type: 'boolean', alias: 'f', describe: 'Go on as the guest speaks, also after it was restarted' },
    previous: { type: 'boolean', alias: 'p', describe: 'Of the instance before, while its pod is still there' },
    since: { type: 'string', describe: 'Only what is newer, such as 10m', complete: ['1m', '10m', '1h'] },
    tail: { type: 'number', describe: 'Only so many of the last lines; -1 for all', complete: ['20', '100'] },
    timestamps: { type: 'boolean', describe: 'When each line was written' },
  },
  examples: [
    ['logs web', 'All that is kept of the guest that runs, its reboots included'],
    ['logs web -f --tail 20', 'The last twenty lines, and what follows'],
    ['logs web --since 10m', 'What it said in the last ten minutes'],
  ],
  epilogue:
    'On a terminal what it would act on is shown as text, colours are left out; in a pipe the bytes are those of the guest.',
  run: async (io, flags) => (await import('../logs/logs.js')).logs(io, flags),
});
