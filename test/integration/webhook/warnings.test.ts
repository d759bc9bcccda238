import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { once } from 'node:events';
import { randomUUID } from 'node:crypto';
import type { Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { parseAllDocuments } from 'yaml';
import { resolveClusterConfig } from '../../../src/api/settings/cluster-config.js';
import type { KubeClient } from '../../../src/kube/client/client.js';
import { mutatingWebhookPath, namespacePath, validatingWebhookPath } from '../../../src/kube/client/resources.js';
import { admissionMetrics } from '../../../src/webhook/metrics.js';
import { createServer } from '../../../src/webhook/server.js';
import { run, type Outcome } from '../../e2e/support/kubectl.js';
import { kubernetesBinary, until, type TestApiServer } from '../support/api-server.js';
import { sharedApiServer } from '../support/shared-api-server.js';

interface Configuration {
  readonly kind: string;
  readonly webhooks: readonly {
    readonly name: string;
    readonly clientConfig: object;
  }[];
}

/** The webhooks of VMs and VMIs as they are installed, but for where they are. */
const webhooksOf = (kind: string, url: string, caBundle: string): object[] =>
  parseAllDocuments(readFileSync('manifests/admission.yaml', 'utf8'))
    .map((one) => one.toJS() as Configuration)
    .filter((one) => one.kind === kind)
    .flatMap(({ webhooks }) => webhooks)
    .filter(({ name }) => name.startsWith('virtualmachine'))
    .map((webhook) => ({
      ...webhook,
      // The manifests name no path: virt-webhook does. This one believes whoever asks.
      clientConfig: { url: `${url}/${kind.startsWith('Mutating') ? 'mutate' : 'validate'}`, caBundle },
    }));

const VM = (cores: number) => ({
  apiVersion: 'kubevirt.io/v1alpha3',
  kind: 'VirtualMachine',
  metadata: { name: 'web', namespace: 'vms' },
  spec: {
    running: false,
    template: {
      metadata: { annotations: { VirtletSystemUUID: '53008994-44C0-4017-AD44-9C49758083DA' } },
      spec: { domain: { cpu: { cores }, memory: { guest: '64Mi' }, devices: { autottachGraphicsDevice: false } } },
    },
  },
});

/* What a user sees who applies a manifest, through a real API server of the oldest version that is supported. */
describe('warnings through an API server', function () {
  this.timeout(300_000);
  let api: TestApiServer;
  let client: KubeClient;
  let server: Server;

  const kubectl = (args: readonly string[], input?: object): Promise<Outcome> =>
    run(kubernetesBinary('kubectl'), ['--kubeconfig', api.kubeconfig, ...args], JSON.stringify(input ?? {}));
  const warningsOf = ({ code, stderr }: Outcome): string[] => {
    assert.equal(code, 0, stderr);
    return stderr.split('\n').filter((line) => line.startsWith('Warning: '));
  };

  before(async () => {
    api = await sharedApiServer();
    client = await api.client();
    await client.create(namespacePath(), { metadata: { name: 'vms' } });
    const { certificate: cert, key } = await api.ca.issue('CN=virt-webhook', ['127.0.0.1']);
    const registry = new Registry();
    server = createServer({
      admission: {
        context: () => ({ config: resolveClusterConfig(), newUuid: randomUUID, atApply: true }),
        metrics: admissionMetrics(registry),
        logger: pino({ level: 'silent' }),
      },
      tls: { cert, key },
      health: { notReady: () => undefined },
      registry,
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const caBundle = Buffer.from(api.ca.certificate).toString('base64');
    await client.create(mutatingWebhookPath(), {
      metadata: { name: 'virt-webhook' },
      webhooks: webhooksOf('MutatingWebhookConfiguration', url, caBundle),
    });
    await client.create(validatingWebhookPath(), {
      metadata: { name: 'virt-webhook' },
      webhooks: webhooksOf('ValidatingWebhookConfiguration', url, caBundle),
    });
    // The API server reads its webhooks by a watch of its own.
    await until('the webhooks are asked', api.directory, async () => {
      const { stderr } = await kubectl(['create', '--dry-run=server', '-f', '-'], VM(4));
      assert.match(stderr, /W-GFX-1/);
    });
  });

  after(async () => {
    server.close();
    server.closeAllConnections();
    client.close();
    await api.stop();
  });

  it('come once for one apply, the API server’s own about the version among them', async () => {
    assert.deepEqual(warningsOf(await kubectl(['apply', '-f', '-'], VM(4))).sort(), [
      'Warning: kubevirt.io/v1alpha3 is deprecated: write apiVersion: kubevirt.io/v1, the schema is the same.',
      'Warning: spec.running: deprecated; write spec.runStrategy: Halted instead [W-DEP-1]',
      'Warning: spec.template.spec.domain.devices.autottachGraphicsDevice: misspelt; write autoattachGraphicsDevice [W-GFX-1]',
    ]);
  });

  it('do not come again for a label', async () => {
    assert.deepEqual(warningsOf(await kubectl(['label', 'vm', 'web', '-n', 'vms', 'a=b'])), []);
  });

  it('come with an instance too, whose annotation became a field and whose misspelt field the right one', async () => {
    const { metadata, spec } = VM(1).spec.template as unknown as { metadata: object; spec: object };
    const instance = {
      apiVersion: 'kubevirt.io/v1',
      kind: 'VirtualMachineInstance',
      metadata: { ...metadata, name: 'web', namespace: 'vms' },
      spec,
    };
    const created = await kubectl(['create', '-f', '-', '-o', 'json'], instance);
    assert.deepEqual(warningsOf(created), [
      'Warning: spec.domain.devices.autottachGraphicsDevice: misspelt; write autoattachGraphicsDevice [W-GFX-1]',
    ]);
    const { spec: stored } = JSON.parse(created.stdout) as {
      spec: { domain: { firmware: { uuid: string }; devices: { autoattachGraphicsDevice: boolean } } };
    };
    assert.equal(stored.domain.firmware.uuid, '53008994-44c0-4017-ad44-9c49758083da');
    assert.equal(stored.domain.devices.autoattachGraphicsDevice, false);
    const { code, stderr } = await kubectl(['annotate', 'vmi', 'web', '-n', 'vms', 'VirtletVCPUCount=2']);
    assert.notEqual(code, 0);
    assert.match(stderr, /metadata\.annotations\[VirtletVCPUCount\]: Virtlet annotations .* cannot be changed/);
  });
});
