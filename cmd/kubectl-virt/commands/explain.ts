import { defineCommand } from '../command.js';
import { TEXT_OUTPUT } from '../shared-flags.js';

export const command = defineCommand({
  name: 'explain',
  group: 'Manifests, without a cluster',
  describe: 'Explain an admission rule, default or warning, or list them all',
  arguments: {
    id: {
      type: 'string',
      describe: 'What lint prints in brackets, such as disk.floppy; or a group, such as disk',
      complete: async () => (await import('../offline/explained-ids.js')).explainedIds(),
    },
  },
  flags: { output: TEXT_OUTPUT },
  examples: [
    ['explain', 'All rules, defaults and warnings, a line each'],
    ['explain disk.lun-source', 'What it refuses and why, an example, and the same put right'],
    ['explain mut.disk-bus', 'What a default writes, and when'],
    ['explain field.not-acted-on', 'The fields that this version does not act on yet'],
  ],
  epilogue: 'For the fields of the API: kubectl explain vmi.spec',
  run: async (io, flags) => (await import('../offline/explain.js')).explain(io, flags),
});
