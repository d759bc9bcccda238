import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CredentialKeeper, type CredentialState } from '../../../../src/agent/credentials/keeper.js';
import { MAX_SECRET_BYTES, readSecret } from '../../../../src/agent/credentials/secret-files.js';
import type { Hypervisor } from '../../../../src/agent/hypervisor/hypervisor.js';
import { LocalWorkspace } from '../../../../src/agent/workspace/local-workspace.js';
import type { VirtualMachineInstance } from '../../../../src/api/schema/kinds.js';
import { credentialVolume } from '../../../../src/api/vmi/access-credentials.js';

const vmi: VirtualMachineInstance = {
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachineInstance',
  spec: {
    domain: { devices: {} },
    accessCredentials: [
      {
        userPassword: { source: { secret: { secretName: 'p' } }, propagationMethod: { qemuGuestAgent: {} } },
      },
    ],
  },
};

describe('the credentials of a guest', () => {
  let directory: string;
  let workspace: LocalWorkspace;
  let now = 0;
  let generation = 0;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'credentials-'));
    workspace = new LocalWorkspace(directory);
    now = 1_000_000;
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const at = () => workspace.paths.accessCredential(credentialVolume('p'));
  /** As kubelet does: a new directory, and one link that leads to it. */
  const secretIs = (data: Record<string, string>): void => {
    generation += 1;
    mkdirSync(join(at(), `..${generation}`), { recursive: true });
    for (const [key, value] of Object.entries(data)) {
      writeFileSync(join(at(), `..${generation}`, key), value);
      try {
        symlinkSync(`..data/${key}`, join(at(), key));
      } catch {
        // It is there.
      }
    }
    try {
      unlinkSync(join(at(), '..data'));
    } catch {
      // The first.
    }
    symlinkSync(`..${generation}`, join(at(), '..data'));
  };

  const make = (answer: (command: string) => Promise<unknown> = () => Promise.resolve({})) => {
    const told: string[] = [];
    let heard: () => void = () => undefined;
    const keeper = new CredentialKeeper(
      { workspace: () => Promise.resolve(workspace) },
      { now: () => now } as never,
      () => heard(),
    );
    const hypervisor = {
      guestAgent: (command: string) => {
        told.push(command);
        return answer(command);
      },
    } as unknown as Hypervisor;
    const settled = (): Promise<CredentialState | undefined> =>
      new Promise((resolve) => {
        heard = () => resolve(keeper.keep(vmi, hypervisor));
        keeper.keep(vmi, hypervisor);
      });
    return { keeper, hypervisor, told, settled };
  };
  const look = async ({ keeper, hypervisor }: ReturnType<typeof make>): Promise<void> => {
    now += 15_000;
    keeper.keep(vmi, hypervisor);
    // However long a busy machine takes for it.
    while (keeper['looking']) await new Promise((resolve) => setTimeout(resolve, 5));
  };

  it('are told when an agent is there, again when the Secret changes, and every five minutes', async () => {
    secretIs({ root: 'one' });
    const one = make();
    assert.deepEqual(one.keeper.keep(vmi, undefined), {
      synced: false,
      message: 'Guest agent is offline',
      offline: true,
    });
    assert.deepEqual(await one.settled(), { synced: true });
    assert.equal(one.told.length, 1);
    await look(one);
    assert.equal(one.told.length, 1, 'nothing has changed');
    secretIs({ root: 'two' });
    await look(one);
    assert.equal(one.told.length, 2);
    assert.ok(one.told[1]?.includes(Buffer.from('two').toString('base64')));
    now += 300_000;
    await look(one);
    assert.equal(one.told.length, 3);
  });

  it('are said not to be in step where the guest’s agent refuses, in bounded words', async () => {
    secretIs({ root: 'one', other: 'x' });
    const one = make(() => Promise.reject(new Error(`no such user ${'x'.repeat(100_000)}`)));
    const state = await one.settled();
    assert.ok(state?.synced === false && state.message.startsWith('no such user') && state.message.length <= 256);
    assert.equal(one.told.length, 1, 'an agent that hangs is not asked for each user');
  });

  it('are none of a Secret that is too large, and of a VM without any', async () => {
    secretIs({ root: 'x'.repeat(MAX_SECRET_BYTES), other: 'y' });
    await assert.rejects(readSecret(workspace, 'p'), /holds more than|more than/);
    const { keeper, hypervisor } = make();
    const without = { ...vmi, spec: { domain: { devices: {} } } };
    assert.equal(keeper.keep(without, hypervisor), undefined);
  });
});

describe('the volume of a Secret with credentials', () => {
  it('has KubeVirt’s name, or one that no other volume can have', () => {
    assert.equal(credentialVolume('keys'), 'keys-access-cred');
    for (const name of ['my.keys', 'x'.repeat(60), '../../etc', 'volumeroot'])
      assert.match(credentialVolume(name), /^secret-[0-9a-f]{20}-access-cred$/);
  });
});
