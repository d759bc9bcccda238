import { defineCommand } from '../command.js';
import { CREDENTIAL_FLAGS, KEY_FLAGS } from '../credentials/flags.js';
import { VM_TARGET } from '../shared-flags.js';

export const command = defineCommand({
  name: 'credentials remove-ssh-key',
  group: 'Virtual machines in a cluster',
  describe: 'Take an SSH key from a user of a guest',
  arguments: { target: VM_TARGET },
  flags: { ...CREDENTIAL_FLAGS, ...KEY_FLAGS },
  examples: [
    ['credentials remove-ssh-key web -u root -f ~/.ssh/id_ed25519.pub', 'Out of the Secrets that the VM has for root'],
  ],
  run: async (io, flags) => (await import('../credentials/keys.js')).removeKey(io, flags),
});
