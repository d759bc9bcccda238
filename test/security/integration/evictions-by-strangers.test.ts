import assert from 'node:assert/strict';
import type { VirtualMachineInstance } from '../../../src/api/schema/kinds.js';
import type { KubeClient } from '../../../src/kube/client/client.js';
import {
  namespacePath,
  nodePath,
  podPath,
  validatingWebhookPath,
  vmiPath,
} from '../../../src/kube/client/resources.js';
import type { Pod } from '../../../src/kube/types.js';
import { manifest } from '../../../src/validators/rule/example-manifest.js';
import { run, type Outcome } from '../../e2e/support/kubectl.js';
import { kubernetesBinary, until } from '../../integration/support/api-server.js';
import { ClusterWebhook } from '../../integration/webhook/cluster-webhook.js';
import { exchange } from '../../support/raw-client.js';

const NAMESPACE = 'victim';
const NODE = 'node-a';
const EVICTIONS = 'virt-launcher-eviction-interceptor.kubevirt.io';
const launcherOf = (name: string): string => `virt-launcher-${name}-x`;

interface Configuration {
  readonly webhooks: readonly {
    readonly name: string;
    readonly clientConfig: { readonly service: { readonly path?: string } };
  }[];
}

/** A VMI that runs, with its pod, whose evictions mark it. */
const createVm = async (client: KubeClient, name: string): Promise<void> => {
  const created = await client.create<VirtualMachineInstance>(vmiPath(NAMESPACE), {
    ...manifest({ 'spec.evictionStrategy': 'External' }),
    metadata: { name, namespace: NAMESPACE },
    status: { phase: 'Running', nodeName: NODE },
  });
  const pod = await client.create<Pod>(podPath(NAMESPACE), {
    metadata: {
      name: launcherOf(name),
      labels: { 'kubevirt.io': 'virt-launcher', 'kubevirt.io/created-by': created.metadata?.uid ?? '' },
      annotations: { 'kubevirt.io/domain': name },
    },
    spec: { nodeName: NODE, containers: [{ name: 'compute', image: 'none' }] },
  });
  await client.patch(`${podPath(NAMESPACE, launcherOf(name))}/status`, { status: { phase: 'Running' } }, 'merge');
  // As virt-controller records it: no other pod is the VMI's.
  const launcherPod = { name: launcherOf(name), uid: pod.metadata?.uid };
  await client.patch(vmiPath(NAMESPACE, name), { status: { launcherPod } }, 'merge');
};

describe('an eviction marks a VM', function () {
  this.timeout(300_000);
  let webhook: ClusterWebhook;

  const kubectl = (args: readonly string[], input?: string): Promise<Outcome> =>
    run(kubernetesBinary('kubectl'), ['--kubeconfig', webhook.server.kubeconfig, ...args], input);
  /** By the API server, as `kubectl drain` does it. */
  const evict = (name: string): Promise<Outcome> => {
    const metadata = { name: launcherOf(name), namespace: NAMESPACE };
    const eviction = { apiVersion: 'policy/v1beta1', kind: 'Eviction', metadata };
    const path = `${podPath(NAMESPACE, launcherOf(name))}/eviction`;
    return kubectl(['create', '--raw', path, '-f', '-'], JSON.stringify(eviction));
  };
  /** As somebody in the cluster does it who can connect. */
  const evictBySelf = async (name: string, path: string): Promise<string> => {
    const review = {
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      request: {
        uid: 'u',
        resource: { group: '', version: 'v1', resource: 'pods' },
        subResource: 'eviction',
        name: launcherOf(name),
        namespace: NAMESPACE,
        operation: 'CREATE',
        object: { metadata: { name: launcherOf(name), namespace: NAMESPACE } },
      },
    };
    const body = JSON.stringify(review);
    const head = `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
    const target = { port: webhook.port, tls: { rejectUnauthorized: false } };
    return (await exchange(target, Buffer.from(head + body))).text;
  };
  const markOf = async (name: string): Promise<string | undefined> =>
    (await webhook.client.get<VirtualMachineInstance>(vmiPath(NAMESPACE, name))).status?.evacuationNodeName;
  const isGoing = async (name: string): Promise<boolean> =>
    (await webhook.client.get<Pod>(podPath(NAMESPACE, launcherOf(name)))).metadata?.deletionTimestamp !== undefined;
  const pathsOf = async (): Promise<string[]> => {
    const { webhooks } = await webhook.client.get<Configuration>(validatingWebhookPath('virt-webhook'));
    return webhooks.map(({ name, clientConfig }) => `${name} ${clientConfig.service.path ?? ''}`);
  };
  const tokensOf = async (): Promise<string[]> => (await pathsOf()).map((path) => path.split('/').at(-1) ?? '');
  const pathOfEvictions = async (): Promise<string> =>
    (await pathsOf()).find((path) => path.startsWith(EVICTIONS))?.split(' ')[1] ?? '';

  before(async () => {
    webhook = await ClusterWebhook.start(async (client) => {
      await client.create(namespacePath(), { metadata: { name: NAMESPACE } });
      await client.create(nodePath(), { metadata: { name: NODE } });
      for (const name of ['one', 'two', 'three']) await createVm(client, name);
      return undefined;
    });
    await until('the webhook is registered', webhook.server.directory, async () => {
      assert.match(await pathOfEvictions(), /^\/evict\/[0-9a-f]{64}$/, webhook.log);
    });
    await until('it answers', undefined, async () =>
      assert.notEqual(await evictBySelf('one', '/evict'), '', webhook.log),
    );
  });
  after(() => webhook.stop());

  it('by nobody who only reaches the port, whatever he sends, and he learns nothing', async () => {
    const right = await pathOfEvictions();
    const others = ['/evict', '/', '/evict/', `/evict/${'0'.repeat(64)}`, right.slice(0, -1), `${right}0`];
    others.push(right.replace('/evict', '/validate'), right.toUpperCase(), `/${right}`, `/evict/../${right}`);
    for (const path of [
      ...others,
      ...(await tokensOf()).filter((token) => !right.endsWith(token)).map((token) => `/evict/${token}`),
    ]) {
      const answer = await evictBySelf('one', path);
      assert.doesNotMatch(answer, /triggered|victim|External/, path);
      assert.equal(await markOf('one'), undefined, path);
    }
  });

  it('by the API server', async () => {
    await until('the API server asks by the path', webhook.server.directory, async () => {
      const { stderr } = await evict('one');
      assert.match(stderr, /TooManyRequests.*(Eviction triggered evacuation|Evacuation in progress)/, webhook.log);
    });
    assert.equal(await markOf('one'), NODE);
    assert.equal(await isGoing('one'), false);
  });

  it('by the API server again soon after an older manifest was applied over, and is not let through meanwhile', async () => {
    const { webhooks } = await webhook.client.get<Configuration>(validatingWebhookPath('virt-webhook'));
    const index = webhooks.findIndex(({ name }) => name === EVICTIONS);
    const patch = [{ op: 'replace', path: `/webhooks/${index}/clientConfig/service/path`, value: '/evict' }] as const;
    await webhook.client.patch(validatingWebhookPath('virt-webhook'), [...patch], 'json');
    await until('the mark is there', webhook.server.directory, async () => {
      const { code, stderr } = await evict('two');
      assert.notEqual(code, 0);
      assert.match(stderr, /TooManyRequests/);
      assert.equal(await markOf('two'), NODE, stderr);
    });
    assert.equal(await isGoing('two'), false);
    assert.match(await pathOfEvictions(), /^\/evict\/[0-9a-f]{64}$/);
  });

  it('by a path that no user, log or metric of ours shows, not even when the webhook is down', async () => {
    const tokens = await tokensOf();
    assert.ok(tokens.every((token) => token.length === 64));
    const metrics = await exchange(
      { port: webhook.port, tls: { rejectUnauthorized: false } },
      Buffer.from('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n'),
    );
    await webhook.kill();
    const { stdout, stderr, code } = await evict('three');
    // Nobody answers, so it goes on; the reason stands in the API server's own log only.
    assert.equal(code, 0, stderr);
    for (const token of tokens)
      for (const text of [webhook.log, metrics.text, stdout, stderr]) assert.ok(!text.includes(token), text);
  });

  it('by a path that differs from the one which an outage shows to users of VMs', async () => {
    const vmi = JSON.stringify({ ...manifest({}), metadata: { name: 'four', namespace: NAMESPACE } });
    const { code, stderr } = await kubectl(['create', '-f', '-'], vmi);
    assert.notEqual(code, 0);
    const token = (await pathOfEvictions()).split('/').at(-1) ?? '';
    assert.ok(!stderr.includes(token), stderr);
  });
});
