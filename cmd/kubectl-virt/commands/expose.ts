import { defineCommand } from '../command.js';

export const command = defineCommand({
  name: 'expose',
  group: 'Virtual machines in a cluster',
  describe: 'Make a Service for a virtual machine',
  arguments: {
    target: {
      type: 'string',
      required: true,
      describe: 'vm/NAME, vmi/NAME, vmirs/NAME, or the type alone before the name',
      complete: 'vm',
    },
    vm: { type: 'string', describe: 'NAME, where the word before it is a type', complete: 'vmi' },
  },
  flags: {
    name: { type: 'string', describe: 'Name of the Service', complete: [] },
    port: {
      type: 'number',
      describe: 'Port of the Service; otherwise those that the interface lists',
      complete: ['22', '80'],
    },
    'port-name': { type: 'string', describe: 'Name of the port', complete: [] },
    'target-port': {
      type: 'string',
      describe: 'Port in the guest, a number or a name; otherwise the same',
      complete: [],
    },
    protocol: {
      type: 'string',
      default: 'TCP',
      describe: 'Protocol of the port',
      choices: ['TCP', 'UDP'],
      anyCase: true,
    },
    type: {
      type: 'string',
      default: 'ClusterIP',
      describe: 'Type of the Service',
      choices: ['ClusterIP', 'NodePort', 'LoadBalancer'],
      anyCase: true,
    },
    'cluster-ip': {
      type: 'string',
      describe: 'Address in the cluster; None for a headless Service',
      complete: ['None'],
    },
    'external-ip': {
      type: 'string',
      array: true,
      describe: 'Address outside of the cluster that leads here too',
      complete: [],
    },
    'ip-family': {
      type: 'string',
      describe: 'IPv4, IPv6, or both in their order',
      complete: ['IPv4', 'IPv6', 'IPv4,IPv6', 'IPv6,IPv4'],
    },
    'ip-family-policy': {
      type: 'string',
      describe: 'How many families it has',
      choices: ['SingleStack', 'PreferDualStack', 'RequireDualStack'],
      anyCase: true,
    },
    'dry-run': {
      type: 'string',
      describe: 'none, client or server; alone it means server',
      default: 'none',
      alone: 'server',
      complete: ['none', 'client', 'server'],
    },
    output: {
      type: 'string',
      alias: 'o',
      describe: 'Print the Service: json, yaml or name',
      complete: ['json', 'yaml', 'name'],
    },
  },
  examples: [
    ['expose vm web --name web-ssh --port 22', 'In the cluster, at web-ssh:22'],
    ['expose vm/web --name web --port 80 --type NodePort', 'On a port of every node too'],
    ['expose vmirs front --name front --port 80', 'All replicas behind one address'],
  ],
  run: async (io, flags) => (await import('../expose/expose.js')).expose(io, flags),
});
