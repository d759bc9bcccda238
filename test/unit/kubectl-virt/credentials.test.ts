import assert from 'node:assert/strict';
import { main } from '../../../cmd/kubectl-virt/program.js';
import type { AccessCredential } from '../../../src/api/schema/access-credential.js';
import { fakeApiServer, status, type FakeApiServer } from './fake-api-server.js';
import { fakeIo } from './fake-io.js';

const KEY = `ssh-ed25519 ${'A'.repeat(40)} me@home`;
const OTHER = `ssh-ed25519 ${'B'.repeat(40)} you@home`;
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const keysOf = (secretName: string, users: string[]): AccessCredential => ({
  sshPublicKey: { source: { secret: { secretName } }, propagationMethod: { qemuGuestAgent: { users } } },
});
const PASSWORDS: AccessCredential = {
  userPassword: { source: { secret: { secretName: 'passwords' } }, propagationMethod: { qemuGuestAgent: {} } },
};

interface Made {
  metadata: { ownerReferences?: { uid: string }[]; generateName?: string; resourceVersion?: string };
  spec?: { template: { spec: { accessCredentials: AccessCredential[] } } };
}

describe('kubectl virt credentials', () => {
  let server: FakeApiServer;
  afterEach(() => server.close());

  const run = async (
    words: string[],
    { credentials = [], data = {}, owner = 'vm-uid', stdin, isStale = false, version }: Partial<Given> = {},
  ): Promise<{ out: string; writes: unknown[][] }> => {
    server = await fakeApiServer({
      answer: ({ method, path }) => {
        if (method === 'POST') return { code: 201, body: { metadata: { name: 'web-made', uid: 'made-uid' } } };
        if (method === 'PATCH') return isStale ? status(409, 'Conflict', 'changed meanwhile') : { code: 200, body: {} };
        if (method === 'DELETE') return { code: 200, body: {} };
        if (path.includes('/secrets/'))
          return {
            code: 200,
            body: { metadata: { ownerReferences: [{ uid: owner }], resourceVersion: version }, data },
          };
        if (!path.endsWith('/virtualmachines/web')) return status(404, 'NotFound', 'no such VM');
        const metadata = { name: 'web', uid: 'vm-uid', resourceVersion: '7' };
        return { code: 200, body: { metadata, spec: { template: { spec: { accessCredentials: credentials } } } } };
      },
    });
    const io = fakeIo(stdin === undefined ? {} : { stdin });
    assert.equal(await main(['credentials', ...words, ...server.flags, '-n', 'prod'], io), 0);
    const writes = server.seen.filter(({ method }) => method !== 'GET');
    return { out: io.out(), writes: writes.map(({ method, path, body }) => [method, path, body]) };
  };
  interface Given {
    credentials: AccessCredential[];
    data: Record<string, string>;
    owner: string;
    stdin: string;
    isStale: boolean;
    version: string;
  }
  const add = ['add-ssh-key', 'web', '-u', 'root', '--value', KEY];

  it('adds a key to the Secret of the user, once', async () => {
    const credentials = [keysOf('theirs', ['debian']), keysOf('keys', ['root', 'admin'])];
    const { writes } = await run(add, { credentials, data: { first: base64(OTHER) } });
    const [method, path, body] = writes[0] ?? [];
    assert.deepEqual([method, path], ['PATCH', '/api/v1/namespaces/prod/secrets/keys']);
    const [name, value] = Object.entries((body as { data: Record<string, string> }).data)[0]!;
    assert.match(name, /^ssh-key-[0-9a-f]{16}$/);
    assert.equal(value, base64(KEY));
    await server.close();
    const again = await run(add, { credentials, data: { first: base64(`# all\n${OTHER}\n${KEY} again`) } });
    assert.deepEqual(again.writes, []);
    assert.match(again.out, /has the key already/);
  });

  it('makes a Secret that goes with the VM, and gives it to the VM as it was read', async () => {
    const { writes, out } = await run([...add, '--create-secret'], { credentials: [PASSWORDS] });
    const [made, given] = writes as [[string, string, Made], [string, string, Made]];
    assert.deepEqual(made.slice(0, 2), ['POST', '/api/v1/namespaces/prod/secrets']);
    assert.equal(made[2].metadata.ownerReferences?.[0]?.uid, 'vm-uid');
    assert.equal(made[2].metadata.generateName, 'web-ssh-key-');
    assert.equal(given[2].metadata.resourceVersion, '7');
    assert.deepEqual(given[2].spec?.template.spec.accessCredentials, [PASSWORDS, keysOf('web-made', ['root'])]);
    assert.match(out, /from its next start on/);
  });

  it('leaves no Secret behind that the VM is not to have', async () => {
    await assert.rejects(run([...add, '--create-secret'], { isStale: true }), /changed meanwhile/);
    const { method, path, body } = server.seen.at(-1)!;
    assert.deepEqual([method, path], ['DELETE', '/api/v1/namespaces/prod/secrets/web-made']);
    assert.deepEqual(body, { preconditions: { uid: 'made-uid' } });
  });

  it('changes a Secret as it was read, and no other', async () => {
    const { writes } = await run(add, { credentials: [keysOf('keys', ['root'])], version: '12' });
    assert.equal((writes[0]?.[2] as Made).metadata.resourceVersion, '12');
  });

  it('takes a key out, and leaves the others of its value', async () => {
    const credentials = [keysOf('keys', ['root'])];
    const data = { alone: base64(KEY), both: base64(`${KEY}\n${OTHER}\n`), not: base64(OTHER) };
    const { writes } = await run(['remove-ssh-key', 'web', '-u', 'root', '-f', '-'], { credentials, data, stdin: KEY });
    assert.deepEqual(writes[0]?.[2], { data: { alone: null, both: base64(`${OTHER}\n`) } });
    await server.close();
    await assert.rejects(
      run(['remove-ssh-key', 'web', '-u', 'root', '--value', KEY], { credentials, data: { not: base64(OTHER) } }),
      /no Secret of VirtualMachine web has the key/,
    );
  });

  it('sets a password, as a flag or where nobody sees it', async () => {
    const set = ['set-password', 'vm/web', '-u', 'root'];
    for (const [words, stdin] of [
      [['-p', 'secret 7'], undefined],
      [['-f', '-'], 'secret 7\n'],
    ] as const) {
      const given = { credentials: [PASSWORDS], ...(stdin === undefined ? {} : { stdin }) };
      const { writes, out } = await run([...set, ...words], given);
      assert.deepEqual(writes, [
        ['PATCH', '/api/v1/namespaces/prod/secrets/passwords', { data: { root: base64('secret 7') } }],
      ]);
      assert.ok(!out.includes('secret 7'));
      await server.close();
    }
    const { writes } = await run([...set, '-p', 'x', '--create-secret', '--secret', 'mine']);
    assert.equal((writes[0]?.[2] as { metadata: { name: string } }).metadata.name, 'mine');
  });

  it('changes no Secret that others may use, unless told to', async () => {
    const credentials = [keysOf('keys', ['root'])];
    await assert.rejects(run(add, { credentials, owner: 'another' }), /not owned by VirtualMachine web/);
    await server.close();
    assert.equal((await run([...add, '--force'], { credentials, owner: 'another' })).writes.length, 1);
  });

  it('says what is missing or too much', async () => {
    const refused = async (words: string[], message: RegExp, credentials: AccessCredential[] = []) => {
      await assert.rejects(run(words, { credentials }), message);
      await server.close();
    };
    await refused(add, /has no Secret for keys of root/);
    await refused(add, /several Secrets/, [keysOf('a', ['root']), keysOf('b', ['root'])]);
    await refused([...add, '--secret', 'c'], /does not use the Secret c/, [keysOf('a', ['root'])]);
    await refused(['add-ssh-key', 'web', '-u', 'root'], /neither --file nor --value|neither/);
    await refused(['add-ssh-key', 'web', '-u', 'root', '--value', 'nonsense'], /not one public SSH key/);
    await refused(['add-ssh-key', 'web', '--value', KEY], /--user is missing/);
    await refused(['add-ssh-key', 'vmi/web', '-u', 'root', '--value', KEY], /not of a VirtualMachineInstance/);
    await refused(['set-password', 'web', '-u', 'root', '-p', ''], /empty/);
    await refused([...add, '--create-secret', '--update-secret'], /exclude each other/);
    await refused(['add-ssh-key', 'gone', '-u', 'root', '--value', KEY], /no such VM/);
  });
});
