import { defineCommand } from '../command.js';

export const command = defineCommand({
  name: 'doctor',
  group: 'Virtual machines in a cluster',
  describe: 'Say whether the cluster is ready for virtual machines, or why one does not run, and what to do',
  arguments: {
    target: {
      type: 'string',
      describe: 'NAME, vm/NAME, vmi/NAME or vm/NAME/NAMESPACE; none: the cluster',
      complete: 'vm',
    },
  },
  flags: {
    output: { type: 'string', alias: 'o', describe: 'Output format: json or yaml', complete: ['json', 'yaml'] },
    bundle: {
      type: 'string',
      describe: 'Write what was looked at into this .tar.gz too, without secrets, user data and environment',
      complete: 'file',
    },
  },
  examples: [
    ['doctor', 'Webhook, certificates, agents, KVM, storage, images, versions'],
    ['doctor web', 'From the VM to its guest, up to the first link that is broken'],
    ['doctor web --bundle web.tar.gz', 'And a file to attach to a report'],
  ],
  finds: true,
  epilogue:
    'Exit code: 0 no problem (warnings, and what you may not see, are none), 1 problems, 2 wrong usage, or the cluster could not be asked.',
  run: async (io, flags) => (await import('../doctor/doctor.js')).doctor(io, flags),
});
