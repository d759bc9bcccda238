import { defineCommand } from '../command.js';
import { MANIFEST_FLAGS, POLICY_FLAGS, TEXT_OUTPUT } from '../shared-flags.js';

export const command = defineCommand({
  name: 'policy explain',
  group: 'Policies for virtual machines',
  describe: 'Show how a policy comes to its verdict on a manifest: each part of its expressions with value and cost',
  arguments: {
    name: { type: 'string', required: true, describe: 'NAME of the policy, or NAMESPACE:NAME', complete: [] },
  },
  flags: {
    ...MANIFEST_FLAGS,
    ...POLICY_FLAGS,
    validation: { type: 'string', describe: 'This validation alone', complete: [] },
    output: TEXT_OUTPUT,
    'show-values': { type: 'boolean', describe: 'Show whole values too, secrets among them' },
  },
  examples: [
    ['policy explain vm-size -f vm.yaml --policy policies/', 'A policy of a file'],
    ['policy explain vm-size -f vm.yaml --policy cluster', 'A policy of the cluster'],
  ],
  epilogue: 'Exit code: 0 nothing is refused, 1 something is, 2 it could not be judged.',
  finds: true,
  run: async (io, flags) => (await import('../policies/explain.js')).explainPolicy(io, flags),
});
