import { defineCommand } from '../command.js';
import { CREATE_SECRET_FLAGS, CREDENTIAL_FLAGS } from '../credentials/flags.js';
import { VM_TARGET } from '../shared-flags.js';

export const command = defineCommand({
  name: 'credentials set-password',
  group: 'Virtual machines in a cluster',
  describe: 'Set the password of a user of a guest, by a Secret of the VM',
  arguments: { target: VM_TARGET },
  flags: {
    ...CREDENTIAL_FLAGS,
    ...CREATE_SECRET_FLAGS,
    password: {
      type: 'string',
      alias: 'p',
      describe: 'The password, which other users of this machine may see',
      complete: [],
    },
    file: { type: 'string', alias: 'f', describe: 'File with the password', complete: 'file', stdin: true },
  },
  examples: [
    ['credentials set-password web -u root -f -', 'Reads it from stdin'],
    ['credentials set-password web -u root -p secret --create-secret', 'Into a new Secret'],
  ],
  run: async (io, flags) => (await import('../credentials/password.js')).setPassword(io, flags),
});
