import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkContents, writeContents } from '../../../cmd/kubectl-virt/offline/run/contents.js';
import type { Manifest } from '../../../cmd/kubectl-virt/offline/manifests.js';
import { contentDirectory } from '../../../src/agent/volumes/content.js';
import { LocalWorkspace } from '../../../src/agent/workspace/local-workspace.js';
import type { Volume } from '../../../src/api/schema/volumes.js';

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const others = (...objects: Record<string, unknown>[]): Manifest[] =>
  objects.map((object) => ({ object }) as unknown as Manifest);

const configMap = {
  kind: 'ConfigMap',
  metadata: { name: 'app' },
  data: { 'app.conf': 'a=1', __proto__x: 'p' },
  binaryData: { blob: base64('\u0001b') },
};
const secret = {
  kind: 'Secret',
  metadata: { name: 'app' },
  data: { a: base64('old'), b: base64('B') },
  stringData: { a: 'new' },
};

describe('the volumes of kubectl virt run that become files', () => {
  let directory: string;
  let workspace: LocalWorkspace;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'contents-'));
    workspace = new LocalWorkspace(directory);
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const written = async (volume: Volume): Promise<Record<string, string>> => {
    await writeContents([volume], others(configMap, secret), workspace);
    const at = await contentDirectory(workspace, volume.name);
    return Object.fromEntries(readdirSync(at).map((name) => [name, readFileSync(join(at, name), 'utf8')]));
  };

  it('come from the ConfigMaps and Secrets of the manifests', async () => {
    const map = { 'app.conf': 'a=1', __proto__x: 'p', blob: '\u0001b' };
    assert.deepEqual(await written({ name: 'c', configMap: { name: 'app' } }), map);
    assert.deepEqual(await written({ name: 's', secret: { secretName: 'app' } }), { a: 'new', b: 'B' });
    assert.deepEqual(await written({ name: 'w', sysprep: { secret: { name: 'app' } } }), { a: 'new', b: 'B' });
    assert.deepEqual(await written({ name: 'o', configMap: { name: 'none', optional: true } }), {});
  });

  it('are missed by name', async () => {
    const missing = writeContents([{ name: 'c', configMap: { name: 'none' } }], others(secret), workspace);
    await assert.rejects(missing, /volume c: the ConfigMap none is not among the manifests/);
    const drive = { name: 'd', cloudInitConfigDrive: { secretRef: { name: 'none' } } };
    await assert.rejects(writeContents([drive], [], workspace), /volume d: the Secret none is not among/);
  });

  for (const key of ['../../escape', 'a/b', '..data', '.', '', 'a b'])
    it(`refuse the key ${JSON.stringify(key)}, which Kubernetes would too`, async () => {
      const object = { kind: 'ConfigMap', metadata: { name: 'bad' }, data: { [key]: 'x' } };
      const write = writeContents([{ name: 'c', configMap: { name: 'bad' } }], others(object), workspace);
      await assert.rejects(write, /ConfigMap bad: ".*" cannot be a key of data/);
      assert.deepEqual(readdirSync(directory), []);
    });

  it('are refused where only a cluster has them', () => {
    const account: Volume = { name: 'a', serviceAccount: { serviceAccountName: 'robot' } };
    const check = (...volumes: Volume[]) => checkContents({ domain: { devices: {} }, volumes });
    assert.throws(() => check(account), /volume a is of type serviceAccount: a token that a cluster issues/);
    assert.throws(() => check({ name: 'i', downwardAPI: {} }), /volume i is of type downwardAPI/);
    assert.throws(() => check({ name: 'm', downwardMetrics: {} }), /volume m is of type downwardMetrics/);
    assert.throws(() => checkContents({ domain: { devices: { downwardMetrics: {} } } }), /device downwardMetrics/);
    assert.throws(() => checkContents({ domain: { devices: { tpm: { persistent: true } } } }), /kept on a claim/);
    const filesystems = [{ name: 'conf', virtiofs: {} }];
    assert.throws(() => checkContents({ domain: { devices: { filesystems } } }), /file system conf is shared by/);
    check({ name: 'c', configMap: { name: 'app' } });
  });
});
