import { defineCommand } from '../command.js';

export const command = defineCommand({
  name: 'help',
  group: 'The plugin',
  describe: 'Show the help of a command, or list the commands',
  hidden: true,
  arguments: { of: { type: 'string', array: true, describe: 'Command', complete: 'command' } },
  flags: {},
  examples: [['help start', 'The help of start']],
  run: (_io, { of = [] }, runLine) => runLine([...of, '--help']),
});
