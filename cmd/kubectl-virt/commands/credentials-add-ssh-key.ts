import { defineCommand } from '../command.js';
import { CREATE_SECRET_FLAGS, CREDENTIAL_FLAGS, KEY_FLAGS } from '../credentials/flags.js';
import { VM_TARGET } from '../shared-flags.js';

export const command = defineCommand({
  name: 'credentials add-ssh-key',
  group: 'Virtual machines in a cluster',
  describe: 'Give a user of a guest an SSH key, by a Secret of the VM',
  arguments: { target: VM_TARGET },
  flags: { ...CREDENTIAL_FLAGS, ...CREATE_SECRET_FLAGS, ...KEY_FLAGS },
  examples: [
    ['credentials add-ssh-key web -u root -f ~/.ssh/id_ed25519.pub', 'Into the Secret that the VM has for root'],
    ['credentials add-ssh-key web -u root -f key.pub --create-secret', 'Into a new one'],
  ],
  run: async (io, flags) => (await import('../credentials/keys.js')).addKey(io, flags),
});
