import { defineCommand } from '../command.js';

export const command = defineCommand({
  name: 'version',
  group: 'The plugin',
  describe: 'Print the versions of the plugin and of what the cluster runs',
  arguments: {},
  flags: {
    client: { type: 'boolean', default: false, describe: 'Only the plugin; asks no server' },
    output: { type: 'string', alias: 'o', describe: 'Output format: json or yaml', complete: ['json', 'yaml'] },
  },
  examples: [
    ['version', 'Both versions'],
    ['version --client -o json', "The plugin's own, as JSON"],
  ],
  run: async (io, flags) => (await import('../version/version.js')).version(io, flags),
});
