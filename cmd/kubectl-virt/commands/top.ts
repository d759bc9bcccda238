import { defineCommand } from '../command.js';

export const command = defineCommand({
  name: 'top',
  group: 'Virtual machines in a cluster',
  describe: 'Show what running virtual machines use, or how full the nodes are with them',
  arguments: {
    what: { type: 'string', describe: 'vm (the default) or node', complete: ['vm', 'node'] },
    name: { type: 'string', describe: 'One of them alone', complete: 'vmi' },
  },
  flags: {
    'all-namespaces': { type: 'boolean', alias: 'A', describe: 'Virtual machines of every namespace' },
    selector: { type: 'string', alias: 'l', describe: 'Only those with these labels', complete: [] },
    'sort-by': {
      type: 'string',
      describe: 'Column to sort by, the largest first; otherwise by name',
      choices: ['cpu', 'memory', 'guest', 'name'],
    },
    watch: { type: 'boolean', alias: 'w', describe: 'Show it again every few seconds' },
    headers: { type: 'boolean', default: true, describe: 'Leave out the line of headers' },
  },
  examples: [
    ['top', 'What each running virtual machine of the namespace uses'],
    ['top vm -A --sort-by=memory', 'Of all namespaces, the largest first'],
    ['top vm web --watch', 'One, again every five seconds'],
    ['top node', 'Virtual machines, CPUs and memory of each node'],
  ],
  epilogue:
    'CPU is in thousandths of a CPU over the last seconds, % of its vCPUs. MEMORY is what it has of its node, GUEST what its guest says that it uses.',
  run: async (io, flags) => (await import('../top/top.js')).top(io, flags),
});
