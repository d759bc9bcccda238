import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { manifest } from '../../../src/validators/rule/example-manifest.js';
import { review, StandaloneWebhook } from './standalone-webhook.js';

let webhook: StandaloneWebhook;
const call = (path: string, body: string) => webhook.call(path, body);

describe('virt-webhook --standalone', function () {
  this.timeout(300_000);

  before(async () => {
    const directory = mkdtempSync(join(tmpdir(), 'virt-webhook-test-'));
    const config = join(directory, 'kubevirt.yaml');
    writeFileSync(
      config,
      'apiVersion: kubevirt.io/v1\nkind: KubeVirt\nspec:\n  configuration:\n    evictionStrategy: External\n',
    );
    webhook = await StandaloneWebhook.start('--config', config);
    rmSync(directory, { recursive: true });
  });

  after(() => {
    webhook.kill();
  });

  it('is alive, ready and measured', async () => {
    assert.equal((await webhook.get('/healthz')).status, 200);
    assert.equal((await webhook.get('/readyz')).text, 'ok\n');
    await call('/validate', review(manifest({})));
    const { text } = await webhook.get('/metrics');
    assert.match(
      text,
      /kubevirt_webhook_requests_total\{phase="validate",kind="VirtualMachineInstance",operation="CREATE",allowed="true"\} 1/,
    );
    assert.match(text, /kubevirt_webhook_certificate_expiry_seconds 86\d\d\d/);
  });

  it('defaults with the settings of the file', async () => {
    const { response } = (await call('/mutate', review(manifest({})))).review;
    const patch = JSON.parse(Buffer.from(response.patch!, 'base64').toString()) as { path: string; value: unknown }[];
    assert.equal(patch.find(({ path }) => path === '/spec/evictionStrategy')?.value, 'External');
    assert.ok(!patch.some(({ path }) => path === '/spec' || path === '/metadata'));
  });

  it('refuses with all causes and echoes the uid', async () => {
    const object = manifest({ 'spec.hostname': 'A', 'spec.domain.devices.blockMultiQueue': true });
    const { status, review: answer } = await call('/validate', review(object));
    assert.equal(status, 200);
    assert.equal(answer.response.uid, 'uid-VirtualMachineInstance');
    assert.equal(answer.response.status?.code, 422);
    assert.deepEqual(
      answer.response.status.details?.causes.map(({ field }) => field),
      ['spec.hostname', 'spec.domain.devices.blockMultiQueue'],
    );
  });

  it('warns once for one apply: on validation, in full, with the id', async () => {
    const object = manifest({ 'spec.domain.cpu.cores': 4, 'spec.domain.devices.autottachGraphicsDevice': false });
    const { review: mutated } = await call('/mutate', review(object));
    assert.equal(mutated.response.allowed, true);
    assert.equal(mutated.response.warnings, undefined);
    const { review: validated } = await call('/validate', review(object));
    assert.deepEqual(validated.response.warnings, [
      'spec.domain.devices.autottachGraphicsDevice: misspelt; write autoattachGraphicsDevice [W-GFX-1]',
    ]);
  });

  it('serves every kind on both paths', async () => {
    for (const kind of ['VirtualMachine', 'VirtualMachineInstance', 'VirtualMachineInstanceReplicaSet', 'KubeVirt']) {
      for (const path of ['/mutate', '/validate']) {
        const { status, review: answer } = await call(path, review({ spec: 7 }, kind));
        assert.equal(status, 200);
        assert.equal(answer.response.uid, `uid-${kind}`);
        assert.equal(answer.response.allowed, false);
      }
    }
  });

  it('lets deletions and sub-resources pass, but looks at what a status says', async () => {
    const allowed = async (path: string, body: string) => (await call(path, body)).review.response.allowed;
    const update = (subResource: string, object: unknown) =>
      review(object, 'VirtualMachine', { operation: 'UPDATE', subResource, oldObject: manifest({}, 'VirtualMachine') });
    assert.equal(await allowed('/validate', review(null, 'VirtualMachine', { operation: 'DELETE' })), true);
    assert.equal(await allowed('/validate', update('scale', { spec: { replicas: 'x' } })), true);
    const wrong = manifest({ 'status.ready': 'yes' }, 'VirtualMachine');
    assert.equal(
      await allowed('/validate', update('status', manifest({ 'status.ready': true }, 'VirtualMachine'))),
      true,
    );
    assert.equal(await allowed('/validate', update('status', wrong)), false);
    assert.equal(await allowed('/mutate', update('status', wrong)), true);
  });

  it('knows agents by their tokens, and lets them write the VMs of their own node', async () => {
    const vmi = manifest({ 'status.phase': 'Running', 'status.nodeName': 'node-1' });
    const username = 'system:serviceaccount:kubevirt:virt-agent';
    const write = async (extra: object) => {
      const more = { operation: 'UPDATE', oldObject: vmi, userInfo: { username, extra } };
      return (await call('/validate', review(vmi, 'VirtualMachineInstance', more))).review.response.allowed;
    };
    assert.equal(await write({ 'authentication.kubernetes.io/node-name': ['node-1'] }), true);
    assert.equal(await write({ 'authentication.kubernetes.io/node-name': ['node-2'] }), false);
    assert.equal(await write({}), false);
  });

  it('speaks TLS 1.2 and newer only', async () => {
    const { port, ca } = webhook;
    const old = connectTls({
      host: '127.0.0.1',
      port,
      ca,
      maxVersion: 'TLSv1.1',
      minVersion: 'TLSv1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    });
    const [error] = (await once(old, 'error')) as [Error];
    assert.ok(error);
    const fresh = connectTls({ host: '127.0.0.1', port, ca });
    await once(fresh, 'secureConnect');
    assert.equal(fresh.getProtocol(), 'TLSv1.3');
    fresh.destroy();
  });

  it('ends with exit code 0 at SIGTERM', async () => {
    assert.equal(await webhook.terminate(), 0);
  });
});
