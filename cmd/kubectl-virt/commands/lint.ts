import { defineCommand } from '../command.js';
import { MANIFEST_FILES, MANIFEST_FLAGS, POLICY_FLAGS, TEXT_OUTPUT } from '../shared-flags.js';

export const command = defineCommand({
  name: 'lint',
  group: 'Manifests, without a cluster',
  describe: 'Check manifests offline, with the admission rules of the cluster and with policies',
  arguments: { files: MANIFEST_FILES },
  flags: {
    ...MANIFEST_FLAGS,
    output: TEXT_OUTPUT,
    ...POLICY_FLAGS,
    strict: { type: 'boolean', describe: 'Exit code 2 where a policy could not be checked' },
    quiet: { type: 'boolean', alias: 'q', describe: 'Errors alone: no warnings, no notes, no summary' },
  },
  examples: [
    ['lint -f vm.yaml', 'FILE:LINE:COLUMN, rule, message and remedy of every finding'],
    ['lint -q manifests/', 'Errors alone, and the exit code'],
    ['lint -f manifests/ --config kubevirt.yaml', 'A directory, with the settings of a cluster'],
    ['lint -f vm.yaml --policy policies/', 'With policies of your own, as their webhook would judge'],
    ['lint -f vm.yaml --policy cluster --as alice', 'With those of the cluster, as if alice applied it'],
    ['lint -f policies/', 'Policies themselves: whether they compile'],
  ],
  finds: true,
  run: async (io, flags) => (await import('../offline/lint.js')).lint(io, flags),
});
