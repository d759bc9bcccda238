import { defineCommand } from '../command.js';
import { ExitCode } from '../errors.js';
import { GLOBAL_FLAGS } from '../global-flags.js';

export const command = defineCommand({
  name: 'options',
  group: 'The plugin',
  describe: 'List the flags of every command',
  hidden: true,
  arguments: {},
  flags: {},
  examples: [['options', 'The flags of kubectl, which every command takes']],
  run: (io) => {
    const lines = Object.entries(GLOBAL_FLAGS).map(([name, flag]) => {
      const alias = 'alias' in flag ? `-${flag.alias}, ` : '    ';
      return `  ${alias}--${name.padEnd(26)}${flag.describe}`;
    });
    io.stdout.write(`These flags can be passed to every command:\n${lines.join('\n')}\n`);
    return Promise.resolve(ExitCode.ok);
  },
});
