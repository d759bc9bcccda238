import { defineCommand } from '../command.js';
import { MANIFEST_FILES, MANIFEST_FLAGS, TEXT_OUTPUT } from '../shared-flags.js';

export const command = defineCommand({
  name: 'policy lint',
  group: 'Policies for virtual machines',
  describe: 'Check policies, exceptions and their tests offline, as their webhook does',
  arguments: { files: MANIFEST_FILES },
  flags: {
    filename: MANIFEST_FLAGS.filename,
    output: TEXT_OUTPUT,
    strict: { type: 'boolean', describe: 'Warnings, such as a field that may be absent, are errors' },
  },
  examples: [
    ['policy lint -f policies/', 'FILE:LINE:COLUMN, message and the place in the expression'],
    ['policy lint -f policies/ --strict', 'For a pipeline: warnings are errors too'],
  ],
  finds: true,
  run: async (io, flags) => (await import('../policies/policy-lint.js')).policyLint(io, flags),
});
