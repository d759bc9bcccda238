import assert from 'node:assert/strict';
import { agentCommands } from '../../../../src/agent/credentials/agent-commands.js';
import { keysOf, passwordOf } from '../../../../src/agent/credentials/keys.js';
import type { AccessCredential } from '../../../../src/api/schema/access-credential.js';
import type { VirtualMachineInstance } from '../../../../src/api/schema/kinds.js';

const vmi = (...accessCredentials: AccessCredential[]): VirtualMachineInstance => ({
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachineInstance',
  spec: { domain: { devices: {} }, accessCredentials },
});
const ssh = (secretName: string, ...users: string[]): AccessCredential => ({
  sshPublicKey: { source: { secret: { secretName } }, propagationMethod: { qemuGuestAgent: { users } } },
});
const passwords = (secretName: string): AccessCredential => ({
  userPassword: { source: { secret: { secretName } }, propagationMethod: { qemuGuestAgent: {} } },
});
const secrets = (all: Record<string, Record<string, string>>) =>
  new Map(
    Object.entries(all).map(([name, data]) => [
      name,
      new Map(Object.entries(data).map(([key, value]) => [key, Buffer.from(value)])),
    ]),
  );

describe('what a guest’s agent is told of credentials', () => {
  it('is each user’s keys of all Secrets, in place of those that are there', () => {
    const commands = agentCommands(
      vmi(ssh('a', 'root', 'ann'), ssh('b', 'root')),
      secrets({
        a: { one: 'ssh-ed25519 AA a\n# none\n\n', two: 'ssh-rsa BB b' },
        b: { x: 'ssh-rsa CC c\nssh-rsa BB b\n' },
      }),
    );
    assert.deepEqual(commands, [
      {
        execute: 'guest-ssh-add-authorized-keys',
        arguments: { username: 'root', keys: ['ssh-ed25519 AA a', 'ssh-rsa BB b', 'ssh-rsa CC c'], reset: true },
      },
      {
        execute: 'guest-ssh-add-authorized-keys',
        arguments: { username: 'ann', keys: ['ssh-ed25519 AA a', 'ssh-rsa BB b'], reset: true },
      },
    ]);
  });
  it('is that nobody has a key where the Secret has none any more', () => {
    const [command] = agentCommands(vmi(ssh('a', 'root')), secrets({ a: {} }));
    assert.deepEqual(command?.arguments, { username: 'root', keys: [], reset: true });
  });
  it('is the password of each user, without the end of a line', () => {
    assert.deepEqual(agentCommands(vmi(passwords('p')), secrets({ p: { root: 'sécret\n' } })), [
      {
        execute: 'guest-set-user-password',
        arguments: { username: 'root', password: Buffer.from('sécret').toString('base64'), crypted: false },
      },
    ]);
  });
  it('is nothing of what cloud-init brings', () => {
    const noCloud: AccessCredential = {
      sshPublicKey: { source: { secret: { secretName: 'a' } }, propagationMethod: { noCloud: {} } },
    };
    assert.deepEqual(agentCommands(vmi(noCloud), secrets({ a: { one: 'ssh-rsa AA' } })), []);
  });
  it('is bounded, and errors show nothing of a Secret', () => {
    const many = Object.fromEntries(Array.from({ length: 65 }, (_, n) => [`user${n}`, 'x']));
    assert.throws(() => agentCommands(vmi(passwords('p')), secrets({ p: many })), /more than 64 users/);
    const lines = Array.from({ length: 257 }, (_, n) => `ssh-rsa ${n}`).join('\n');
    for (const text of [lines, 'ssh-rsa s3cret\u0007', `s3cret${'x'.repeat(9000)}`])
      assert.throws(
        () => keysOf('a', [Buffer.from(text)]),
        (error: Error) => error.message.startsWith('Secret a has') && !error.message.includes('s3cret'),
      );
    for (const text of ['', '\n', 's3cret\nroot:other', 's3cret\0', 's3cret'.repeat(200)])
      assert.throws(
        () => passwordOf('p', 'root', Buffer.from(text)),
        (error: Error) =>
          error.message.startsWith('Secret p: the password of root') && !error.message.includes('s3cret'),
      );
  });
});
