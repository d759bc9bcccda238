import { defineCommand } from '../command.js';
import { VMI_TARGET } from '../shared-flags.js';

export const command = defineCommand({
  name: 'exec',
  group: 'Virtual machines in a cluster',
  describe: 'Run a command in a guest, by its agent, and exit as it does',
  arguments: {
    target: VMI_TARGET,
    command: {
      type: 'string',
      array: true,
      behindDashes: true,
      describe: 'The program and its arguments',
      complete: [],
    },
  },
  flags: {
    stdin: { type: 'boolean', alias: 'i', describe: 'Give it what comes on stdin, all of it at once: 256 KiB at most' },
    timeout: {
      type: 'string',
      default: '5m',
      describe: 'How long to wait for its end: 90s, 5m. It is not ended after that',
      complete: ['30s', '5m', '1h'],
    },
  },
  examples: [
    ['exec web -- systemctl is-active nginx', 'Whether a service runs; exit code 3 comes out as 3'],
    ["exec web -- sh -c 'df -h / | tail -1'", 'A line of the shell; without sh there is none'],
    ['exec web -i -- sh < set-up.sh', 'Run a script of this machine'],
  ],
  epilogue:
    'It runs as the agent does: as root, in Windows as SYSTEM. Who runs which program is an event of the VMI; arguments are in none. Both outputs together have 640 KiB at most, and come when the command has ended. A program that a signal ended gives 128 and its number.',
  run: async (io, flags) => (await import('../guest/exec.js')).execInGuest(io, flags),
});
