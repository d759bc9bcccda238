import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import type { KubeClient } from '../../../src/kube/client/client.js';
import { Informer, type InformerMetrics } from '../../../src/kube/watch/informer.js';
import { LeaderElector } from '../../../src/kube/work/leader-election.js';
import { configMapPath } from '../../../src/kube/client/resources.js';
import type { KubernetesObject } from '../../../src/kube/types.js';
import { type TestApiServer, until } from '../support/api-server.js';
import { sharedApiServer } from '../support/shared-api-server.js';
import { ChaosProxy } from './chaos-proxy.js';

interface ConfigMap extends KubernetesObject {
  data?: Record<string, string>;
}

const MAPS = configMapPath('default');

describe('informer against a real API server', function () {
  this.timeout(300_000);
  let api: TestApiServer;
  let admin: KubeClient;
  let proxy: ChaosProxy;
  let informer: Informer<ConfigMap>;
  let told: string[];
  let interruptions: string[];
  let lists: number;

  const metrics: InformerMetrics = {
    event: () => undefined,
    interrupted: (_path, reason) => interruptions.push(reason),
    relisted: () => (lists += 1),
    handlerFailed: () => undefined,
  };

  before(async () => {
    api = await sharedApiServer();
    admin = await api.client();
  });
  after(() => api.stop());

  beforeEach(async () => {
    told = [];
    interruptions = [];
    lists = 0;
    proxy = await ChaosProxy.start(api);
    const client = await api.client({ server: proxy.url });
    informer = new Informer<ConfigMap>(client, {
      path: MAPS,
      labelSelector: 'test',
      metrics,
      inactivityMs: 3_000,
      watchTimeoutMs: 60_000,
    });
    informer.on('add', ({ metadata }) => told.push(`+${metadata?.name}`));
    informer.on('update', ({ metadata, data }) => told.push(`~${metadata?.name}=${data?.value ?? ''}`));
    informer.on('delete', ({ metadata }) => told.push(`-${metadata?.name}`));
    informer.start();
    await informer.synced;
  });
  afterEach(async () => {
    await informer.stop();
    await proxy.stop();
    const { items } = await admin.list<ConfigMap>(MAPS, { query: { labelSelector: 'test' } });
    for (const { metadata } of items) await admin.delete(configMapPath('default', metadata?.name));
  });

  const create = (name: string, value = '0'): Promise<ConfigMap> =>
    admin.create<ConfigMap>(MAPS, { metadata: { name, labels: { test: 'x' } }, data: { value } });
  const set = (name: string, value: string): Promise<ConfigMap> =>
    admin.patch<ConfigMap>(configMapPath('default', name), { data: { value } }, 'merge');
  const shows = (name: string, value: string | undefined): Promise<unknown> =>
    until(
      `the copy shows ${name}=${value}`,
      undefined,
      () => assert.equal(informer.get(`default/${name}`)?.data?.value, value),
      60_000,
    );

  it('follows what happens', async () => {
    await create('a');
    await set('a', '1');
    await admin.delete(configMapPath('default', 'a'));
    await until('all is told', undefined, () => assert.deepEqual(told, ['+a', '~a=1', '-a']));
    assert.equal(lists, 1);
  });

  it('reads more than one page', async () => {
    await Promise.all(Array.from({ length: 60 }, (_, index) => create(`page-${index}`)));
    const client = await api.client({ server: proxy.url });
    const paged = new Informer<ConfigMap>(client, { path: MAPS, labelSelector: 'test', pageSize: 7 });
    proxy.requests = [];
    paged.start();
    await paged.synced;
    assert.equal(paged.list().length, 60);
    assert.equal(proxy.requests.filter((line) => line.includes('limit=7')).length, 9);
    await paged.stop();
  });

  it('survives kill -9 of the API server', async () => {
    await create('kill');
    await shows('kill', '0');
    await api.kill();
    await wait(500);
    await api.restart();
    await set('kill', '1');
    await shows('kill', '1');
    await admin.delete(configMapPath('default', 'kill'));
    await shows('kill', undefined);
    assert.ok(interruptions.length > 0);
  });

  it('lists again when its version was compacted away while the server was down', async () => {
    await create('old');
    await create('gone');
    await shows('gone', '0');
    proxy.setDeaf(true);
    proxy.cut();
    await set('old', '1');
    await admin.delete(configMapPath('default', 'gone'));
    await create('new');
    await api.etcd.compact();
    await api.kill();
    await api.restart();
    // A server that starts has a window that begins now.
    await set('old', '2');
    proxy.setDeaf(false);
    proxy.cut();
    await shows('old', '2');
    await shows('gone', undefined);
    await shows('new', '0');
    assert.ok(interruptions.includes('gone'), interruptions.join(', '));
    assert.equal(lists, 2);
  });

  it('notices a half-open connection and loses nothing', async () => {
    await create('half');
    await shows('half', '0');
    proxy.halfOpen();
    await set('half', '1');
    await shows('half', '1');
    assert.equal(lists, 1, 'resumed from the last version');
  });

  it('goes on after garbage, half a line and 429', async () => {
    await create('line');
    await shows('line', '0');
    proxy.garbage();
    await set('line', '1');
    await shows('line', '1');
    proxy.cut();
    await set('line', '2');
    await shows('line', '2');
    proxy.tooMany(3);
    proxy.cut();
    await set('line', '3');
    await shows('line', '3');
    assert.equal(lists, 1);
    assert.ok(interruptions.includes('WatchProtocolError'), interruptions.join(', '));
  });

  it('converges after many faults at random, and saw every last state', async () => {
    const names = Array.from({ length: 10 }, (_, index) => `chaos-${index}`);
    for (const name of names) await create(name);
    const faults = [
      () => proxy.cut(),
      () => proxy.halfOpen(),
      () => proxy.garbage(),
      () => proxy.tooMany(1),
      () => proxy.garbage('\n\n'),
    ];
    for (let round = 1; round <= 40; round += 1) {
      faults[Math.floor(Math.random() * faults.length)]!();
      await set(names[round % names.length]!, String(round));
      await wait(20);
    }
    const { items } = await admin.list<ConfigMap>(MAPS, { query: { labelSelector: 'test' } });
    await until(
      'the copy equals the cluster',
      undefined,
      () =>
        assert.deepEqual(
          informer
            .list()
            .map(({ metadata }) => `${metadata?.name}@${metadata?.resourceVersion}`)
            .sort(),
          items.map(({ metadata }) => `${metadata?.name}@${metadata?.resourceVersion}`).sort(),
        ),
      60_000,
    );
  });

  it('elects one leader on a real Lease, and the next within the lease', async () => {
    const leading: string[] = [];
    // Long enough that a leader on a busy machine does not lose it: its successor need not wait for its end.
    const lease = { leaseDurationMs: 30_000, renewDeadlineMs: 20_000, retryPeriodMs: 300 };
    const electors = await Promise.all(
      ['a', 'b', 'c'].map(async (identity) => {
        const elector = new LeaderElector(await api.client(), {
          namespace: 'default',
          name: 'test',
          identity,
          ...lease,
        });
        void elector.run(() => leading.push(identity));
        return elector;
      }),
    );
    await until('one leads', undefined, () => assert.equal(leading.length, 1));
    await wait(2_000);
    assert.equal(leading.length, 1);
    await electors.find(({ isLeader }) => isLeader)?.stop();
    const stopped = Date.now();
    await until('the next leads', undefined, () => assert.equal(leading.length, 2));
    assert.ok(Date.now() - stopped < lease.leaseDurationMs, 'it waited for the lease to end');
    await Promise.all(electors.map((elector) => elector.stop()));
  });
});
