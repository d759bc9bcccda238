import { defineCommand } from '../command.js';
import { SSH_FLAGS, SSH_TARGET } from '../ssh/flags.js';

export const command = defineCommand({
  name: 'ssh',
  group: 'Virtual machines in a cluster',
  describe: 'Open a shell in a guest with the ssh of this machine',
  arguments: {
    target: { ...SSH_TARGET, describe: '[USER@]NAME, vm/NAME, vmi/NAME or vm/NAME/NAMESPACE' },
    words: {
      type: 'string',
      array: true,
      behindDashes: true,
      describe: 'A command to run instead of a shell',
      complete: [],
    },
  },
  flags: {
    ...SSH_FLAGS,
    command: { type: 'string', alias: 'c', describe: 'Command to run instead of a shell', complete: [] },
  },
  examples: [
    ['ssh root@vm/web', 'A shell as root in web'],
    ['ssh vm/web -l debian -i ~/.ssh/id_ed25519 -c "uptime"', 'Run a command; its exit code is the exit code'],
    ['ssh vm/web --local-ssh-opts="-A" -- systemctl status nginx', 'Flags for ssh, and a command in words'],
  ],
  epilogue: 'Exit code: that of ssh, which is the command’s in the guest, or 255 where there is no connection.',
  run: async (io, flags) => (await import('../ssh/ssh.js')).openShell(io, flags),
});
