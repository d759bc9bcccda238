import { defineCommand } from '../command.js';

export const command = defineCommand({
  name: 'preflight',
  group: 'The plugin',
  describe: 'Look whether a cluster can take kubectl-virt, and what to apply; changes nothing',
  arguments: {},
  flags: {},
  examples: [['preflight', 'Refuses a cluster where KubeVirt is: the two have the same CRDs, namespace and API']],
  epilogue: 'Exit code: 0 go ahead, 1 stop, or the cluster could not be asked.',
  run: async (io, flags) => (await import('../preflight/preflight.js')).preflight(io, flags),
});
