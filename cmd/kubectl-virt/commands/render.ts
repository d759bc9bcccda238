import { defineCommand } from '../command.js';
import { MANIFEST_FILES, MANIFEST_FLAGS } from '../shared-flags.js';

export const command = defineCommand({
  name: 'render',
  group: 'Manifests, without a cluster',
  describe: 'Show the defaulted object, launcher pod or domain XML of a manifest',
  arguments: { files: { ...MANIFEST_FILES, describe: 'Manifest files, or - for stdin' } },
  flags: {
    ...MANIFEST_FLAGS,
    output: {
      type: 'string',
      alias: 'o',
      describe: 'What to print',
      choices: ['mutated', 'pod', 'domain'],
      default: 'mutated',
    },
  },
  examples: [
    ['render -f vm.yaml', 'The object as the cluster would store it'],
    ['render -f vm.yaml -o domain', 'The libvirt domain of its instance'],
  ],
  run: async (io, flags) => (await import('../offline/render.js')).render(io, flags),
});
