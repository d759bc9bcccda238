import { defineCommand } from '../command.js';

export const command = defineCommand({
  name: 'list',
  group: 'Virtual machines in a cluster',
  describe: 'List virtual machines on one screen: what each does, where, and why not',
  arguments: {},
  flags: {
    'all-namespaces': { type: 'boolean', alias: 'A', describe: 'Of every namespace' },
    selector: { type: 'string', alias: 'l', describe: 'Only those with these labels', complete: [] },
    output: {
      type: 'string',
      alias: 'o',
      describe: 'wide (every address, whole texts), json, yaml or name',
      complete: ['wide', 'json', 'yaml', 'name'],
    },
    watch: { type: 'boolean', alias: 'w', describe: 'Show it again every few seconds' },
    headers: { type: 'boolean', default: true, describe: 'Leave out the line of headers' },
  },
  examples: [
    ['list', 'Those of the namespace'],
    ['list -A -l app=shop', 'Of all namespaces, with a label'],
    ['list -o json', 'For a script'],
  ],
  epilogue:
    'RESTART says pending where the template has changed since the guest started (kubectl virt pending NAME). ENDED is how and when the last instance ended.',
  run: async (io, flags) => (await import('../list/list.js')).list(io, flags),
});
