import type { Flag, ValuesOf } from '../flag.js';
import type { GlobalFlags } from '../global-flags.js';

/** Of all commands of `credentials`. Source: docs/reference/control.md §1.13. */
export const CREDENTIAL_FLAGS = {
  user: { type: 'string', alias: 'u', describe: 'User in the guest', complete: ['root'] },
  secret: { type: 'string', describe: 'Secret that holds it; default: the one of the VM for this user', complete: [] },
  force: { type: 'boolean', describe: 'Change the Secret although it is not of this VM alone' },
} as const satisfies Record<string, Flag>;

/** Of those that may make a Secret. */
export const CREATE_SECRET_FLAGS = {
  'create-secret': {
    type: 'boolean',
    describe: 'Make a Secret and give it to the VM, which has it from its next start on',
  },
  'update-secret': { type: 'boolean', describe: 'Change a Secret that the VM has; this is the default' },
} as const satisfies Record<string, Flag>;

/** Of those about a key. */
export const KEY_FLAGS = {
  file: { type: 'string', alias: 'f', describe: 'File of the public key', complete: 'file', stdin: true },
  value: { type: 'string', describe: 'The public key itself', complete: [] },
} as const satisfies Record<string, Flag>;

/** `--user` is the guest's here, and `--password` that of `set-password`. */
export const OWN_FLAGS = { user: undefined, password: undefined } as const;

export type CredentialFlags = { target: string } & ValuesOf<typeof CREDENTIAL_FLAGS> &
  Partial<ValuesOf<typeof CREATE_SECRET_FLAGS>> &
  Omit<GlobalFlags, 'user' | 'password'>;
export type KeyFlags = CredentialFlags & ValuesOf<typeof KEY_FLAGS>;
