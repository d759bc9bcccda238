import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request, type RequestOptions } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { connect as connectTls } from 'node:tls';
import type { AdmissionReview } from '../../../src/webhook/answers.js';
import { manifest } from '../../../src/validators/examples/manifest.js';

interface Answer {
  status: number;
  text: string;
  review: AdmissionReview;
}

const directory = mkdtempSync(join(tmpdir(), 'virt-webhook-test-'));
const config = join(directory, 'kubevirt.yaml');
let server: ChildProcess;
let port = 0;
let ca = '';

const call = (path: string, body: string | Buffer, options: RequestOptions = {}): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const sent = request(
      {
        host: '127.0.0.1',
        port,
        path,
        ca,
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        agent: false,
        ...options,
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          let review = {} as AdmissionReview;
          try {
            review = JSON.parse(text) as AdmissionReview;
          } catch {
            // Health and metrics are text.
          }
          resolve({ status: response.statusCode ?? 0, text, review });
        });
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });

const review = (object: unknown, kind = 'VirtualMachineInstance', more: object = {}) =>
  JSON.stringify({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: `uid-${kind}`,
      kind: { group: 'kubevirt.io', version: 'v1', kind },
      operation: 'CREATE',
      object,
      ...more,
    },
  });

describe('virt-webhook --standalone', function () {
  this.timeout(60_000);

  before(async () => {
    writeFileSync(
      config,
      'apiVersion: kubevirt.io/v1\nkind: KubeVirt\nspec:\n  configuration:\n    evictionStrategy: External\n',
    );
    const argv = [
      '--import',
      'tsx',
      'cmd/virt-webhook/main.ts',
      '--standalone',
      '--listen',
      '127.0.0.1:0',
      '--config',
      config,
      '--cert-dir',
      directory,
    ];
    server = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'] });
    for await (const line of createInterface({ input: server.stdout! })) {
      const { msg, address } = JSON.parse(line) as { msg: string; address?: string };
      if (!msg.startsWith('serving')) continue;
      port = Number(address?.split(':').at(-1));
      break;
    }
    ca = readFileSync(join(directory, 'ca.crt'), 'utf8');
  });

  after(() => {
    server.kill('SIGKILL');
    rmSync(directory, { recursive: true });
  });

  it('is alive, ready and measured', async () => {
    assert.equal((await call('/healthz', '', { method: 'GET' })).status, 200);
    assert.equal((await call('/readyz', '', { method: 'GET' })).text, 'ok\n');
    await call('/validate', review(manifest({})));
    const { text } = await call('/metrics', '', { method: 'GET' });
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
      'spec.domain.cpu: 4 vCPUs share 400m of CPU; one vCPU is recommended unless the workload is truly parallel [W-CPU-1]',
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
    const vmi = manifest({ 'status.nodeName': 'node-1' });
    const username = 'system:serviceaccount:kubevirt:virt-agent';
    const write = async (extra: object) => {
      const more = { operation: 'UPDATE', oldObject: vmi, userInfo: { username, extra } };
      return (await call('/validate', review(vmi, 'VirtualMachineInstance', more))).review.response.allowed;
    };
    assert.equal(await write({ 'authentication.kubernetes.io/node-name': ['node-1'] }), true);
    assert.equal(await write({ 'authentication.kubernetes.io/node-name': ['node-2'] }), false);
    assert.equal(await write({}), false);
  });

  it('answers hostile bodies with an AdmissionReview and lives on', async () => {
    const hostile: [body: string | Buffer, status: number][] = [
      ['', 400],
      ['{', 400],
      ['null', 400],
      ['[]', 400],
      ['{"kind":"AdmissionReview"}', 400],
      [Buffer.from([0xff, 0xfe]), 400],
      ['['.repeat(100_000), 400],
      ['['.repeat(101) + ']'.repeat(101), 400],
      ['{"__proto__":{"polluted":true}}', 400],
      [Buffer.alloc(7 * 1024 * 1024 + 1, 0x20), 413],
    ];
    for (const [body, expected] of hostile) {
      const { status, review: answer } = await call('/validate', body).catch((error: unknown) => {
        // A body that is refused unread may be cut while it is still being sent.
        assert.equal(expected, 413, String(error));
        return { status: 413, review: { kind: 'AdmissionReview', response: { allowed: false } } } as Answer;
      });
      assert.equal(status, expected, String(body).slice(0, 40));
      assert.equal(answer.kind, 'AdmissionReview');
      assert.equal(answer.response.allowed, false);
    }
    const plain = await call('/validate', '{}', { headers: { 'content-type': 'text/plain' } });
    assert.equal(plain.status, 415);
    assert.equal((await call('/nothing', '{}')).status, 404);
    assert.equal((await call('/healthz', '', { method: 'GET' })).status, 200);
  });

  it('takes bodies up to 7 MiB', async () => {
    const object = manifest({ 'spec.volumes[1].cloudInitNoCloud.userData': 'a'.repeat(6 * 1024 * 1024) });
    const { review: answer } = await call('/validate', review(object));
    assert.deepEqual(
      answer.response.status?.details?.causes.map(({ field }) => field),
      ['spec.volumes[1].cloudInitNoCloud.userData'],
    );
  });

  it('speaks TLS 1.2 and newer only', async () => {
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
    server.kill('SIGTERM');
    const [code] = (await once(server, 'exit')) as [number];
    assert.equal(code, 0);
  });
});
