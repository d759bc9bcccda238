import { defineCommand } from '../command.js';
import { MANIFEST_FLAGS, OBJECT_OUTPUT } from '../shared-flags.js';

export const command = defineCommand({
  name: 'expand',
  group: 'Virtual machines in a cluster',
  describe: 'Show a virtual machine as its instance type and preference make it',
  arguments: {},
  flags: {
    filename: { ...MANIFEST_FLAGS.filename, describe: 'Manifest of a VirtualMachine, or - for stdin' },
    vm: { type: 'string', describe: 'NAME of a VirtualMachine of the cluster', complete: 'vm' },
    output: OBJECT_OUTPUT,
  },
  examples: [
    ['expand -f vm.yaml', 'With the instance types of the cluster; nothing is stored'],
    ['expand --vm web', 'One that is stored, by what it keeps of its instance type'],
  ],
  run: async (io, flags) => (await import('../expand/expand.js')).expand(io, flags),
});
