import assert from 'node:assert/strict';
import { ApiError } from '../../../../src/kube/client/api-error.js';
import type { KubeClient, RequestOptions } from '../../../../src/kube/client/client.js';
import type { KubernetesObject } from '../../../../src/kube/types.js';
import { PolicyWatch } from '../../../../src/webhook/policies/policy-watch.js';
import { FakeClock, settle } from '../../kube/fake-clock.js';
import { FakeWatchClient } from '../../kube/fake-watch.js';
import { stored } from './judging.js';

const metrics = {
  event: () => undefined,
  interrupted: () => undefined,
  relisted: () => undefined,
  handlerFailed: () => undefined,
};
const list = (...items: object[]) => ({ metadata: { resourceVersion: '1' }, items: items as KubernetesObject[] });
const notFound = (): ApiError => new ApiError({ code: 404, reason: 'NotFound', message: 'no' });
const away = (): ApiError => new ApiError({ code: 503, reason: 'ServiceUnavailable', message: 'away' });

const GROUPS = '/apis/policies.kubectl-virt.io/v1alpha1';
const KUBEVIRT = '/apis/kubevirt.io/v1';
const POLICIES = `${GROUPS}/virtualmachineclusterpolicies`;

const until = async (what: () => boolean): Promise<void> => {
  for (let i = 0; i < 2000 && !what(); i += 1) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.ok(what());
};

describe('The policies of a cluster', () => {
  let watches: Map<string, FakeWatchClient>;
  let answers: Map<string, object | Error>;
  let warnings: string[];
  let clock: FakeClock;
  let store: PolicyWatch;
  const watched = (path: string): FakeWatchClient => {
    const known = watches.get(path) ?? new FakeWatchClient();
    watches.set(path, known);
    return known;
  };

  const count = (): number => store.snapshot?.policies.length ?? 0;

  beforeEach(() => {
    [watches, warnings, clock] = [new Map(), [], new FakeClock()];
    answers = new Map<string, object | Error>([
      [GROUPS, {}],
      [KUBEVIRT, {}],
    ]);
    const log = {
      debug: () => undefined,
      info: () => undefined,
      warn: (_: object, message: string) => void warnings.push(message),
      error: () => undefined,
    };
    const client = {
      get: (path: string) => {
        const answer = answers.get(path) ?? notFound();
        return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
      },
      list: (path: string, options: RequestOptions) => watched(path).client.list(path, options),
      watch: (path: string, options: never) => watched(path).client.watch(path, options),
    } as unknown as KubeClient;
    store = new PolicyWatch(client, { log, metrics, clock });
  });
  afterEach(() => store.stop());

  it('are waited for: nothing is ready before the first list is there and compiled', async () => {
    watched(POLICIES).answers = [away(), list(stored({}))];
    store.start();
    await settle();
    assert.match(store.notReady ?? '', /policies have not been read/);
    assert.equal(await Promise.race([store.whenReady(), clock.advance(10).then(() => 'waits')]), 'waits');
    await clock.advance(3_000);
    await until(() => store.notReady === undefined);
    assert.equal(store.snapshot?.policies.length, 1);
    assert.equal(await store.whenReady(), true);
  });

  it('are not there in an older installation, which is said once and keeps nobody waiting', async () => {
    answers.set(GROUPS, notFound());
    store.start();
    await settle();
    assert.equal(store.notReady, undefined);
    await clock.advance(35_000);
    assert.deepEqual(warnings, ['the kinds of policies are not installed (manifests/crds): no policy holds']);
    // Installed later, they hold without anybody being refused in between.
    watched(POLICIES).answers = [list(stored({}))];
    answers.set(GROUPS, {});
    await clock.advance(10_000);
    assert.equal(store.notReady, undefined);
    await until(() => store.snapshot !== undefined);
  });

  it('are not taken for missing by an API server that knows no custom resources yet, or does not answer', async () => {
    for (const [group, kubevirt] of [
      [notFound(), notFound()],
      [away(), {}],
      [notFound(), away()],
    ] as const) {
      answers.set(GROUPS, group).set(KUBEVIRT, kubevirt);
      store.start();
      await clock.advance(5_000);
      assert.match(store.notReady ?? '', /not known yet/);
    }
    const ready = store.whenReady();
    await clock.advance(3_000);
    assert.equal(await ready, false);
  });

  it('follow what is written, and stay in force while the API server is away', async () => {
    store.start();
    await until(() => store.notReady === undefined);
    assert.equal(store.snapshot, undefined);
    const policy = stored({});
    watched(POLICIES).send('ADDED', policy);
    await until(() => store.snapshot !== undefined);
    watched(POLICIES).fail(away());
    await settle();
    assert.equal(count(), 1);
    await clock.advance(60_000);
    watched(POLICIES).send('DELETED', policy);
    await until(() => store.snapshot === undefined);
  });

  it('ask once for a namespace that nobody has told of', async () => {
    store.start();
    await until(() => store.notReady === undefined);
    answers.set('/api/v1/namespaces/new', { metadata: { name: 'new', labels: { env: 'prod' } } });
    const [one, other] = [store.askForNamespace('new'), store.askForNamespace('new')];
    assert.equal(one, other);
    assert.deepEqual((await one)?.metadata?.labels, { env: 'prod' });
    assert.equal(await store.askForNamespace('gone'), undefined);
  });

  it('of one namespace that take long keep that namespace waiting, and nobody else', async () => {
    const expression = Array.from({ length: 100 }, () => 'variables.volumes.all(v, has(v.name))').join(' && ');
    const validations = Array.from({ length: 14 }, (_, i) => ({ name: `v${i}`, expression }));
    watched(`${GROUPS}/virtualmachinepolicies`).answers = [list(stored({ validations }, { namespace: 'slow' }))];
    watched(POLICIES).answers = [list(stored({}))];
    store.start();
    // Patience is the clock's; the compiling takes real time.
    for (let i = 0; i < 200 && store.notReady !== undefined; i += 1) await clock.advance(2_100);
    assert.equal(store.notReady, undefined);
    assert.equal(
      store.snapshot?.policies.some(({ namespace }) => namespace === undefined),
      true,
    );
    const pending = (): (boolean | undefined)[] =>
      ['slow', 'shop'].map((namespace) => store.snapshot?.isPending(namespace));
    if (count() === 1) assert.deepEqual(pending(), [true, false]);
    await until(() => count() === 2);
    assert.deepEqual(pending(), [false, false]);
  });
});
