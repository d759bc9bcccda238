import { defineCommand } from '../command.js';
import { MANIFEST_FILES, MANIFEST_FLAGS, TEXT_OUTPUT } from '../shared-flags.js';

export const command = defineCommand({
  name: 'explain-admission',
  group: 'Manifests, without a cluster',
  describe: 'Show which defaults a manifest gets, and what is refused',
  arguments: { files: MANIFEST_FILES },
  flags: { ...MANIFEST_FLAGS, output: TEXT_OUTPUT },
  examples: [
    ['explain-admission -f vm.yaml', 'Every default that is applied, in order: path, old and new value'],
    ['explain-admission -f vm.yaml --config kubevirt.yaml', 'With the settings of a cluster'],
  ],
  finds: true,
  run: async (io, flags) => (await import('../offline/explain-admission.js')).explainAdmission(io, flags),
});
