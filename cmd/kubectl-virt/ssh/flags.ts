import type { Flag, ValuesOf } from '../flag.js';
import type { GlobalFlags } from '../global-flags.js';

/** Of `ssh` and `scp`. Source: docs/reference/control.md §1.7. */
export const SSH_FLAGS = {
  port: { type: 'string', alias: 'p', default: '22', describe: 'Port of the guest’s SSH server', complete: ['22'] },
  username: {
    type: 'string',
    alias: 'l',
    describe: 'User in the guest; default: the one of this machine',
    complete: ['root'],
  },
  'identity-file': { type: 'string', alias: 'i', describe: 'File of the private key', complete: 'file' },
  'known-hosts': {
    type: 'string',
    describe: 'File of the guests’ host keys; default: ~/.ssh/kubectl_virt_known_hosts',
    complete: 'file',
  },
  'local-ssh-opts': {
    type: 'string',
    array: true,
    alias: 't',
    dashes: true,
    describe: 'A flag for the local ssh or scp, as it stands; can be repeated',
    complete: [],
  },
  'local-ssh': { type: 'boolean', default: true, describe: 'Accepted for virtctl users: there is no other way' },
} as const satisfies Record<string, Flag>;

export const SSH_TARGET = { type: 'string', required: true, complete: 'vmi' } as const;

export type SshFlags = ValuesOf<typeof SSH_FLAGS> & Omit<GlobalFlags, 'username'>;
