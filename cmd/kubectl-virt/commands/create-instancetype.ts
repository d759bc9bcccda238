import { defineCommand } from '../command.js';
import { CREATE_FLAGS } from '../shared-flags.js';

export const command = defineCommand({
  name: 'create instancetype',
  group: 'Manifests, without a cluster',
  describe: 'Print the manifest of an instance type',
  arguments: {},
  flags: {
    ...CREATE_FLAGS,
    cpu: { type: 'number', describe: 'Number of vCPUs', complete: ['2'] },
    memory: { type: 'string', describe: 'Memory of the guest, such as 4Gi', complete: ['4Gi'] },
    iothreadspolicy: {
      type: 'string',
      describe: 'How I/O threads are shared by disks',
      choices: ['shared', 'auto', 'supplementalPool'],
    },
  },
  examples: [
    ['create instancetype --name small --cpu 2 --memory 4Gi', 'For all namespaces'],
    ['create instancetype --cpu 1 --memory 1Gi --name a --namespaced', 'For one namespace'],
  ],
  run: async (io, flags) => (await import('../create/create.js')).createInstancetype(io, flags),
});
