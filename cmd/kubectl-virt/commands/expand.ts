import { defineCommand } from '../command.js';
import { MANIFEST_FLAGS } from '../shared-flags.js';

export const command = defineCommand({
  name: 'expand',
  group: 'Virtual machines in a cluster',
  describe: 'Show a virtual machine as its instance type and preference make it',
  arguments: {},
  flags: {
    filename: { ...MANIFEST_FLAGS.filename, describe: 'Manifest of a VirtualMachine, or - for stdin' },
    vm: { type: 'string', describe: 'NAME of a VirtualMachine of the cluster', complete: 'vm' },
    output: {
      type: 'string',
      alias: 'o',
      describe: 'Output format: json or yaml',
      default: 'yaml',
      complete: ['json', 'yaml'],
    },
  },
  examples: [
    ['expand -f vm.yaml', 'With the instance types of the cluster; nothing is stored'],
    ['expand --vm web', 'One that is stored, by what it keeps of its instance type'],
  ],
  run: async (io, flags) => (await import('../expand/expand.js')).expand(io, flags),
});
