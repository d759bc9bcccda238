import { TOPOLOGIES } from '../../../src/instancetypes/topology.js';
import { defineCommand } from '../command.js';
import { CREATE_FLAGS } from '../shared-flags.js';

export const command = defineCommand({
  name: 'create preference',
  group: 'Manifests, without a cluster',
  describe: 'Print the manifest of a preference',
  arguments: {},
  flags: {
    ...CREATE_FLAGS,
    'cpu-topology': {
      type: 'string',
      describe: 'What the vCPUs of an instance type become',
      choices: TOPOLOGIES,
    },
    'volume-storage-class': {
      type: 'string',
      describe: 'Storage class of DataVolumes that name none',
      complete: [],
    },
    'machine-type': { type: 'string', describe: 'Machine type of the guest', complete: ['q35'] },
  },
  examples: [['create preference --name wish --cpu-topology cores', 'For all namespaces']],
  run: async (io, flags) => (await import('../create/create.js')).createPreference(io, flags),
});
