import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { once } from 'node:events';
import type { Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { parseAllDocuments } from 'yaml';
import { resolveClusterConfig } from '../../../src/api/settings/cluster-config.js';
import type { VirtualMachineInstance } from '../../../src/api/schema/kinds.js';
import type { KubeClient } from '../../../src/kube/client/client.js';
import { informerMetrics } from '../../../src/kube/program/metrics.js';
import {
  namespacePath,
  nodePath,
  podPath,
  validatingWebhookPath,
  vmiPath,
} from '../../../src/kube/client/resources.js';
import type { Pod } from '../../../src/kube/types.js';
import { evictionRouter } from '../../../src/webhook/eviction/router.js';
import { KubeEvictionStore } from '../../../src/webhook/eviction/store.js';
import { admissionMetrics } from '../../../src/webhook/metrics.js';
import { createServer } from '../../../src/webhook/server.js';
import { manifest } from '../../../src/validators/rule/example-manifest.js';
import { run, type Outcome } from '../../e2e/support/kubectl.js';
import { kubernetesBinary, until, type TestApiServer } from '../support/api-server.js';
import { sharedApiServer } from '../support/shared-api-server.js';

const MANIFEST = 'manifests/admission.yaml';
const NAMESPACE = 'vms';

interface Configuration {
  readonly kind: string;
  readonly webhooks: readonly { readonly name: string }[];
}
/** As it is installed, but for where the webhook is. */
const evictionWebhook = (url: string, caBundle: string): object => {
  const documents = parseAllDocuments(readFileSync(MANIFEST, 'utf8')).map((one) => one.toJS() as Configuration);
  const validating = documents.find(({ kind }) => kind === 'ValidatingWebhookConfiguration');
  const entry = validating?.webhooks.find(({ name }) => name.includes('eviction'));
  assert.ok(entry);
  return { ...entry, clientConfig: { url, caBundle } };
};

/*
 * The eviction route behind a real API server of the oldest version that is supported, with the registration that is
 * installed. Nobody runs the pods: an eviction has happened when the pod is being deleted.
 */
describe('evictions through an API server', function () {
  this.timeout(300_000);
  let api: TestApiServer;
  let client: KubeClient;
  let store: KubeEvictionStore;
  let server: Server;

  const kubectl = (args: readonly string[], input?: string): Promise<Outcome> =>
    run(kubernetesBinary('kubectl'), ['--kubeconfig', api.kubeconfig, ...args], input);
  const launcherOf = (name: string): string => `virt-launcher-${name}-x`;
  const evict = (pod: string, { query = '', annotations = {} }: { query?: string; annotations?: object } = {}) => {
    const metadata = { name: pod, namespace: NAMESPACE, annotations };
    const eviction = { apiVersion: 'policy/v1beta1', kind: 'Eviction', metadata };
    const path = `${podPath(NAMESPACE, pod)}/eviction${query}`;
    return kubectl(['create', '--raw', path, '-f', '-'], JSON.stringify(eviction));
  };
  const isGoing = async (pod: string): Promise<boolean> =>
    (await client.get<Pod>(podPath(NAMESPACE, pod))).metadata?.deletionTimestamp !== undefined;
  const vmi = (name: string) => client.get<VirtualMachineInstance>(vmiPath(NAMESPACE, name));

  const createPod = async (metadata: Pod['metadata']): Promise<{ name: string; uid: string }> => {
    const containers = [{ name: 'compute', image: 'none' }];
    const spec = { nodeName: 'node-a', terminationGracePeriodSeconds: 60, containers };
    const { name, uid } = await client
      .create<Pod>(podPath(NAMESPACE), { metadata, spec })
      .then((pod) => ({ name: pod.metadata?.name ?? '', uid: pod.metadata?.uid ?? '' }));
    await client.patch(`${podPath(NAMESPACE, name)}/status`, { status: { phase: 'Running' } }, 'merge');
    return { name, uid };
  };
  /** A VMI that runs, with its pod. */
  const createVm = async (name: string, evictionStrategy: string): Promise<void> => {
    const object = manifest({ 'spec.evictionStrategy': evictionStrategy });
    const created = await client.create<VirtualMachineInstance>(vmiPath(NAMESPACE), {
      ...object,
      metadata: { name, namespace: NAMESPACE },
      status: { phase: 'Running', nodeName: 'node-a' },
    });
    const launcherPod = await createPod({
      name: launcherOf(name),
      labels: { 'kubevirt.io': 'virt-launcher', 'kubevirt.io/created-by': created.metadata?.uid ?? '' },
      annotations: { 'kubevirt.io/domain': name },
    });
    // As virt-controller does.
    await client.patch(vmiPath(NAMESPACE, name), { status: { launcherPod } }, 'merge');
  };

  before(async () => {
    api = await sharedApiServer();
    client = await api.client();
    await client.create(namespacePath(), { metadata: { name: NAMESPACE } });
    await client.create(nodePath(), { metadata: { name: 'node-a' } });
    await createPod({ name: 'nginx' });
    await createPod({ name: 'late' });
    await createVm('none', 'None');
    await createVm('possible', 'LiveMigrateIfPossible');
    await createVm('live', 'LiveMigrate');
    await createVm('external', 'External');

    const logger = pino({ level: 'silent' });
    const registry = new Registry();
    const metrics = admissionMetrics(registry);
    const config = resolveClusterConfig();
    store = new KubeEvictionStore(client, { log: logger, metrics: informerMetrics(registry) });
    store.start();
    await until('the caches are full', api.directory, () =>
      assert.ok(store.filled && store.subject(NAMESPACE, launcherOf('external')).vmi),
    );
    const { certificate: cert, key } = await api.ca.issue('CN=virt-webhook', ['127.0.0.1']);
    server = createServer({
      admission: { context: () => ({ config, newUuid: () => '' }), metrics, logger },
      evictions: evictionRouter({
        store,
        fromApiServer: () => true,
        clusterStrategy: () => config.evictionStrategy,
        metrics,
        logger,
      }),
      tls: { cert, key },
      health: { notReady: () => undefined },
      registry,
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/evict`;
    const webhook = evictionWebhook(url, Buffer.from(api.ca.certificate).toString('base64'));
    await client.create(validatingWebhookPath(), { metadata: { name: 'evictions' }, webhooks: [webhook] });
    // The API server reads its webhooks by a watch of its own.
    await until('the webhook is asked', api.directory, async () => {
      const { code } = await evict(launcherOf('live'), { query: '?dryRun=All' });
      assert.notEqual(code, 0);
    });
  });

  after(async () => {
    // Harmless where a test has closed it; a server that listens on keeps mocha, and CI, from ending.
    server.close();
    server.closeAllConnections();
    await store.stop();
    client.close();
    await api.stop();
  });

  it('are registered by a manifest that kubectl of that version takes', async () => {
    const { code, stderr } = await kubectl(['apply', '--dry-run=server', '-f', MANIFEST]);
    assert.equal(code, 0, stderr);
  });

  it('of an ordinary pod and of a VM with strategy None happen', async () => {
    for (const pod of ['nginx', launcherOf('none')]) {
      const { code, stderr } = await evict(pod);
      assert.equal(code, 0, stderr);
      assert.equal(await isGoing(pod), true, pod);
    }
    const { stderr } = await evict(launcherOf('possible'));
    assert.match(stderr, /Warning: VMI "vms\/possible" is not live-migratable: its guest is shut down/);
    assert.equal(await isGoing(launcherOf('possible')), true);
  });

  it('of a VM with strategy LiveMigrate are refused with the remedy, and nothing happens to it', async () => {
    const before = await vmi('live');
    const { code, stderr } = await evict(launcherOf('live'));
    assert.equal(code, 1);
    assert.match(stderr, /TooManyRequests/);
    assert.match(stderr, /VMI "vms\/live" has evictionStrategy LiveMigrate .*delete it .* evictionStrategy: None/);
    assert.equal(await isGoing(launcherOf('live')), false);
    assert.equal((await vmi('live')).metadata?.resourceVersion, before.metadata?.resourceVersion);
  });

  it('of a VM with strategy External mark it, once, unless it is a dry run', async () => {
    const descheduler = { annotations: { 'requested-by': 'sigs.k8s.io/descheduler' } };
    const dry = await evict(launcherOf('external'), { query: '?dryRun=All', ...descheduler });
    assert.match(dry.stderr, /Eviction triggered evacuation of VMI "vms\/external"/);
    assert.equal((await vmi('external')).status?.evacuationNodeName, undefined);
    const real = await evict(launcherOf('external'), descheduler);
    assert.match(real.stderr, /TooManyRequests.*Eviction triggered evacuation of VMI "vms\/external"/);
    const marked = await vmi('external');
    assert.equal(marked.status?.evacuationNodeName, 'node-a');
    assert.equal(marked.metadata?.annotations?.['kubevirt.io/eviction-source'], 'descheduler');
    await until('the mark is seen', api.directory, async () => {
      assert.match(
        (await evict(launcherOf('external'))).stderr,
        /Evacuation in progress: Eviction triggered evacuation/,
      );
    });
    assert.equal(await isGoing(launcherOf('external')), false);
  });

  it('are what kubectl drain waits for, with the reason on the screen', async () => {
    const selector = '--pod-selector=kubevirt.io=virt-launcher';
    const { code, stderr, stdout } = await kubectl(['drain', 'node-a', selector, '--force', '--timeout=2s']);
    assert.notEqual(code, 0);
    const said = stdout + stderr;
    assert.match(said, /virt-launcher-live-x.*will retry after 5s.*evictionStrategy LiveMigrate/);
    assert.equal(await isGoing(launcherOf('live')), false);
  });

  it('happen when no webhook answers, whosever the pods are', async () => {
    server.close();
    server.closeAllConnections();
    for (const pod of ['late', launcherOf('live')]) {
      const { code, stderr } = await evict(pod);
      assert.equal(code, 0, stderr);
      assert.equal(await isGoing(pod), true, pod);
    }
  });
});
