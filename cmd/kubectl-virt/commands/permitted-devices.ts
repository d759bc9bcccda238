import { defineCommand } from '../command.js';

export const command = defineCommand({
  name: 'permitted-devices',
  group: 'Virtual machines in a cluster',
  describe: 'List the GPUs and other devices of nodes that virtual machines may be given',
  arguments: {},
  flags: {
    output: { type: 'string', alias: 'o', describe: 'Output format: json or yaml', complete: ['json', 'yaml'] },
  },
  examples: [['permitted-devices', 'Names for devices.gpus[] and devices.hostDevices[], with what is behind them']],
  run: async (io, flags) => (await import('../permitted-devices/permitted-devices.js')).permittedDevices(io, flags),
});
