import { defineCommand } from '../command.js';
import { SHELLS } from '../completion/shells.js';

export const command = defineCommand({
  name: 'completion',
  group: 'The plugin',
  describe: 'Print a completion script for your shell',
  arguments: { shell: { type: 'string', required: true, choices: SHELLS, describe: 'Shell' } },
  flags: {},
  examples: [['completion bash', 'The script; load it with: source <(kubectl-virt completion bash)']],
  epilogue:
    'kubectl itself completes "kubectl virt" when kubectl_complete-virt is on the PATH; this script is for calling ' +
    'kubectl-virt directly.',
  run: async (io, { shell }) => (await import('../completion/scripts.js')).completionScript(io, shell),
});
