import assert from 'node:assert/strict';
import { once } from 'node:events';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { parseAllDocuments } from 'yaml';
import { resolveClusterConfig } from '../../../src/api/settings/cluster-config.js';
import type { VirtualMachine } from '../../../src/api/schema/kinds.js';
import type { KubeClient } from '../../../src/kube/client/client.js';
import {
  mutatingWebhookPath,
  namespacePath,
  validatingWebhookPath,
  vmPath,
} from '../../../src/kube/client/resources.js';
import { admissionMetrics } from '../../../src/webhook/metrics.js';
import { createServer } from '../../../src/webhook/server.js';
import { run, type Outcome } from '../../e2e/support/kubectl.js';
import { kubernetesBinary, until, type TestApiServer } from '../support/api-server.js';
import { sharedApiServer } from '../support/shared-api-server.js';

const webhooksOf = (kind: string, url: string, caBundle: string): object[] =>
  parseAllDocuments(readFileSync('manifests/admission.yaml', 'utf8'))
    .map((one) => one.toJS() as { kind: string; webhooks: readonly { name: string }[] })
    .filter((one) => one.kind === kind)
    .flatMap(({ webhooks }) => webhooks)
    .filter(({ name }) => name.startsWith('virtualmachine'))
    .map((webhook) => ({
      ...webhook,
      clientConfig: { url: `${url}/${kind.startsWith('Mutating') ? 'mutate' : 'validate'}`, caBundle },
    }));

const vm = (name: string, cpu: object, metadata: object = {}) => ({
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachine',
  metadata: { name, namespace: 'vms', ...metadata },
  spec: { runStrategy: 'Halted', template: { spec: { domain: { cpu, memory: { guest: '1Gi' }, devices: {} } } } },
});
const OLD = { sockets: 4, maxSockets: 2 };

/* Objects that were stored while no webhook ran, and what a user does with them afterwards. */
describe('what was stored before the webhook came', function () {
  this.timeout(300_000);
  let api: TestApiServer;
  let client: KubeClient;
  let server: Server;

  const kubectl = (args: readonly string[], input?: object): Promise<Outcome> =>
    run(
      kubernetesBinary('kubectl'),
      ['--kubeconfig', api.kubeconfig, '-n', 'vms', ...args],
      JSON.stringify(input ?? {}),
    );

  before(async () => {
    api = await sharedApiServer();
    client = await api.client();
    await client.create(namespacePath(), { metadata: { name: 'vms' } });
    for (const name of ['old', 'gone']) await client.create(vmPath('vms'), vm(name, OLD));
    const { certificate: cert, key } = await api.ca.issue('CN=virt-webhook', ['127.0.0.1']);
    const registry = new Registry();
    server = createServer({
      admission: {
        context: () => ({ config: resolveClusterConfig(), newUuid: randomUUID }),
        metrics: admissionMetrics(registry),
        logger: pino({ level: 'silent' }),
      },
      tls: { cert, key },
      health: { notReady: () => undefined },
      registry,
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const caBundle = Buffer.from(api.ca.certificate).toString('base64');
    for (const [path, kind] of [
      [mutatingWebhookPath(), 'MutatingWebhookConfiguration'],
      [validatingWebhookPath(), 'ValidatingWebhookConfiguration'],
    ] as const) {
      const webhooks = webhooksOf(kind, url, caBundle);
      await client.create(path, {
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind,
        metadata: { name: 'w' },
        webhooks,
      });
    }
    // The API server asks it from some moment on.
    await until('the webhook is asked', api.directory, async () => {
      const { code } = await kubectl(['create', '--dry-run=server', '-f', '-'], vm('new', OLD));
      assert.notEqual(code, 0);
    });
  });
  after(async () => {
    server.close();
    server.closeAllConnections();
    client.close();
    await api.stop();
  });

  const writes: readonly (readonly [what: string, args: readonly string[]])[] = [
    ['a label', ['label', 'vm', 'old', 'team=blue']],
    ['an annotation', ['annotate', 'vm', 'old', 'note=x']],
    ['a finalizer', ['patch', 'vm', 'old', '--type=merge', '-p', '{"metadata":{"finalizers":["example.org/x"]}}']],
    ['a start', ['patch', 'vm', 'old', '--type=merge', '-p', '{"spec":{"runStrategy":"Always"}}']],
    ['a stop', ['patch', 'vm', 'old', '--type=merge', '-p', '{"spec":{"runStrategy":"Halted"}}']],
  ];
  for (const [what, args] of writes) {
    it(`gets ${what}, and a warning that names the field`, async () => {
      const { code, stderr } = await kubectl(args);
      assert.equal(code, 0, stderr);
      assert.match(stderr, /Warning: spec\.template\.spec\.domain\.cpu\.sockets: was stored so/);
    });
  }
  it('is refused where it is changed and stays wrong, and accepted when it is right', async () => {
    const cpu = (sockets: number): string =>
      JSON.stringify({ spec: { template: { spec: { domain: { cpu: { sockets } } } } } });
    const wrong = await kubectl(['patch', 'vm', 'old', '--type=merge', '-p', cpu(3)]);
    assert.notEqual(wrong.code, 0);
    assert.match(wrong.stderr, /spec\.template\.spec\.domain\.cpu\.sockets/);
    const right = await kubectl(['patch', 'vm', 'old', '--type=merge', '-p', cpu(2)]);
    assert.equal(right.code, 0, right.stderr);
  });
  it('can be deleted', async () => {
    const { code, stderr } = await kubectl(['delete', 'vm', 'gone', '--wait=false']);
    assert.equal(code, 0, stderr);
  });
  it('keeps the identity of its guest when it is replaced by a manifest without it', async () => {
    const applied = await kubectl(['apply', '-f', '-'], vm('licensed', { cores: 1 }));
    assert.equal(applied.code, 0, applied.stderr);
    const firmware = async (): Promise<unknown> => {
      const stored = await client.get<VirtualMachine>(vmPath('vms', 'licensed'));
      return stored.spec.template.spec?.domain.firmware;
    };
    const written = await firmware();
    assert.deepEqual(Object.keys(written as object).sort(), ['serial', 'uuid']);
    for (const verb of ['replace', 'apply']) {
      const { code, stderr } = await kubectl([verb, '-f', '-'], vm('licensed', { cores: 1 }, { labels: { by: verb } }));
      assert.equal(code, 0, stderr);
      assert.deepEqual(await firmware(), written);
    }
  });
});
