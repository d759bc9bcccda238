import { defineCommand } from '../command.js';
import { SSH_FLAGS, SSH_TARGET } from '../ssh/flags.js';

export const command = defineCommand({
  name: 'scp',
  group: 'Virtual machines in a cluster',
  describe: 'Copy files to or from a guest with the scp of this machine',
  arguments: {
    source: { ...SSH_TARGET, describe: 'FILE, or [USER@]vm/NAME[/NAMESPACE]:FILE' },
    destination: { ...SSH_TARGET, describe: 'The same; one of the two is of the guest' },
  },
  flags: {
    ...SSH_FLAGS,
    recursive: { type: 'boolean', alias: 'r', describe: 'Copy directories with all that is in them' },
    preserve: { type: 'boolean', describe: 'Keep times and modes' },
  },
  examples: [
    ['scp notes.txt root@vm/web:/root/', 'A file into the guest'],
    ['scp -r vmi/web/prod:/var/log ./logs', 'A directory out of it'],
  ],
  epilogue: 'Exit code: that of scp.',
  run: async (io, flags) => (await import('../ssh/scp.js')).copyFiles(io, flags),
});
