import { defineCommand } from '../command.js';
import { VMI_TARGET } from '../shared-flags.js';

export const command = defineCommand({
  name: 'console',
  group: 'Virtual machines in a cluster',
  describe: "Open a guest's serial console",
  arguments: { target: VMI_TARGET },
  flags: {
    timeout: {
      type: 'string',
      default: '5',
      describe: 'How long to wait until the guest runs: minutes, or 90s; 0 tries once',
      complete: ['0', '5', '30s'],
    },
    escape: {
      type: 'string',
      default: '^]',
      describe: 'Key that leaves the console: ^X, one character, or none',
      complete: ['^]', '^A', 'none'],
    },
    'drain-timeout': {
      type: 'string',
      default: '5s',
      describe: 'When stdin is a pipe: how long to read on after its end',
      complete: ['5s'],
    },
  },
  examples: [
    ['console web', 'Wait until web runs and open its console; ^] leaves it'],
    ['console vm/web/prod --escape ^A', 'A VM in the namespace prod, left with ^A'],
    ['console web < commands.txt', 'Type the lines of a file and print what the guest answers'],
  ],
  run: async (io, flags) => (await import('../console/console.js')).openConsole(io, flags),
});
