import assert from 'node:assert/strict';
import { ApiError, ConnectionError } from '../../../../src/kube/client/api-error.js';
import { Informer, type InformerMetrics, type InformerOptions } from '../../../../src/kube/watch/informer.js';
import type { KubernetesObject } from '../../../../src/kube/types.js';
import { WatchProtocolError } from '../../../../src/kube/watch/watch.js';
import { FakeClock, settle } from '../fake-clock.js';
import { FakeWatchClient, object } from '../fake-watch.js';

describe('informer', () => {
  let clock: FakeClock;
  let fake: FakeWatchClient;
  let told: string[];
  let informer: Informer<KubernetesObject>;
  let counts: Record<string, number>;

  const metrics: InformerMetrics = {
    event: () => undefined,
    interrupted: (_path, reason) => (counts[reason] = (counts[reason] ?? 0) + 1),
    relisted: () => (counts.relisted = (counts.relisted ?? 0) + 1),
    handlerFailed: () => (counts.handlerFailed = (counts.handlerFailed ?? 0) + 1),
  };
  const start = async (options: Partial<InformerOptions<KubernetesObject>> = {}): Promise<void> => {
    informer = new Informer(fake.client, { path: '/things', clock, metrics, ...options });
    informer.on('add', ({ metadata }) => told.push(`+${metadata?.name}@${metadata?.resourceVersion}`));
    informer.on('update', ({ metadata }) => told.push(`~${metadata?.name}@${metadata?.resourceVersion}`));
    informer.on('delete', ({ metadata }) => told.push(`-${metadata?.name}@${metadata?.resourceVersion}`));
    informer.start();
    await settle();
  };
  beforeEach(() => {
    clock = new FakeClock();
    fake = new FakeWatchClient();
    told = [];
    counts = {};
  });
  afterEach(() => informer.stop());

  it('lists in pages of 500, then watches from there with bookmarks and a random time', async () => {
    clock.chance = 0.5;
    fake.answers = [
      { metadata: { resourceVersion: '7', continue: 'more' }, items: [object('a', '5')] },
      { metadata: { resourceVersion: '7' }, items: [object('b', '6')] },
    ];
    await start({ labelSelector: 'x=y' });
    await informer.synced;
    assert.deepEqual(told, ['+a@5', '+b@6']);
    assert.deepEqual(
      fake.lists.map(({ query }) => [query?.limit, query?.continue, query?.labelSelector]),
      [
        [500, undefined, 'x=y'],
        [500, 'more', 'x=y'],
      ],
    );
    const { query, inactivityMs } = fake.watches[0]!;
    assert.equal(query?.resourceVersion, '7');
    assert.equal(query.allowWatchBookmarks, true);
    assert.equal(query.timeoutSeconds, 440);
    assert.equal(inactivityMs, 470_000);
  });

  it('keeps of each page what it is to keep before it asks for the next: no list is here whole', async () => {
    const steps: string[] = [];
    fake.answers = ['a', 'b'].map((name) => ({
      metadata: { resourceVersion: '7', ...(name === 'a' ? { continue: 'more' } : {}) },
      items: [{ ...object(name, '5', { managedFields: [{}] }), spec: {} } as KubernetesObject],
    }));
    await start({
      transform: ({ metadata }) => {
        steps.push(
          `${metadata?.name}, ${fake.lists.length} asked, ${metadata?.managedFields?.length ?? 'none'} managed`,
        );
        return { metadata };
      },
    });
    await informer.synced;
    assert.deepEqual(steps, ['a, 1 asked, none managed', 'b, 2 asked, none managed']);
    assert.deepEqual(told, ['+a@5', '+b@5']);
    assert.deepEqual(
      informer.list().map((each) => Object.keys(each)),
      [['metadata'], ['metadata']],
    );
  });

  it('has answered with its first error, which is none any more when the watch goes on', async () => {
    fake.answers = [new ApiError({ code: 403, reason: 'Forbidden', message: 'may not' }), { items: [] }];
    await start();
    await informer.answered;
    assert.match(informer.lastError ?? '', /may not/);
    assert.equal(informer.hasSynced, false);
    await clock.advance(800);
    assert.equal(informer.hasSynced, true);
    fake.fail(new ConnectionError('ECONNRESET', 'reset'));
    await clock.advance(1_600);
    assert.match(informer.lastError ?? '', /reset/);
    fake.send('BOOKMARK', { metadata: { resourceVersion: '9' } });
    await settle();
    assert.equal(informer.lastError, undefined);
  });

  it('gives events in order and keeps the newest version for the next watch', async () => {
    await start();
    fake.send('ADDED', object('a', '2'));
    fake.send('MODIFIED', object('a', '3'));
    fake.send('DELETED', object('a', '4'));
    fake.send('BOOKMARK', { metadata: { resourceVersion: '50' } });
    await settle();
    assert.deepEqual(told, ['+a@2', '~a@3', '-a@4']);
    assert.equal(informer.get('ns/a'), undefined);
    clock.chance = 0;
    await clock.advance(5_000);
    fake.end();
    await settle();
    assert.equal(fake.watches.at(-1)!.query?.resourceVersion, '50');
    assert.equal(fake.lists.length, 1, 'no list when the watch just ended');
  });

  it('resumes from the last version after a lost connection, with a delay that grows and is capped', async () => {
    await start();
    fake.send('ADDED', object('a', '9'));
    await settle();
    fake.fail(new ConnectionError('ECONNRESET', 'reset'));
    await settle();
    const delays: number[] = [];
    for (let round = 0; round < 8; round += 1) {
      delays.push(clock.waiting[0]!);
      fake.fail(new ConnectionError('ECONNREFUSED', 'refused'));
      await clock.advance(clock.waiting[0]!);
    }
    assert.deepEqual(delays, [800, 1600, 3200, 6400, 12800, 25600, 30000, 30000]);
    await clock.advance(30_000);
    assert.equal(fake.watches.at(-1)!.query?.resourceVersion, '9');
    assert.equal(fake.lists.length, 1);
    fake.send('MODIFIED', object('a', '10'));
    await settle();
    assert.deepEqual(told, ['+a@9', '~a@10']);
    fake.fail(new ConnectionError('ECONNRESET', 'reset'));
    await settle();
    assert.equal(clock.waiting[0], 800, 'progress resets the delay');
  });

  it('jitters the delay', async () => {
    await start();
    clock.chance = 0.5;
    fake.fail(new ConnectionError('ECONNRESET', 'reset'));
    await settle();
    assert.equal(clock.waiting[0], 1200);
  });

  it('lists again after 410, and tells the differences', async () => {
    fake.answers = [
      {
        metadata: { resourceVersion: '5' },
        items: [object('same', '1'), object('old', '2'), object('gone', '3'), object('again', '4')],
      },
      {
        metadata: { resourceVersion: '20' },
        items: [object('same', '1'), object('old', '12'), object('new', '13'), object('again', '14', { uid: 'other' })],
      },
    ];
    await start();
    told = [];
    fake.fail(new ApiError({ code: 410, reason: 'Expired', message: 'too old resource version' }));
    await clock.advance(0);
    assert.deepEqual(told, ['~old@12', '+new@13', '-again@4', '+again@14', '-gone@3']);
    assert.equal(fake.watches.at(-1)!.query?.resourceVersion, '20');
  });

  it('lists at once after 410, also when the server could not be reached before it; not after 410 upon 410', async () => {
    await start();
    fake.fail(new Error('connection refused'));
    await clock.advance(2_000);
    fake.fail(new Error('connection refused'));
    await clock.advance(4_000);
    const before = fake.lists.length;
    fake.fail(new ApiError({ code: 410, reason: 'Expired' }));
    await clock.advance(0);
    assert.equal(fake.lists.length, before + 1);
    fake.fail(new ApiError({ code: 410, reason: 'Expired' }));
    await clock.advance(0);
    assert.equal(fake.lists.length, before + 1, 'the server is in distress');
    await clock.advance(30_000);
    assert.equal(fake.lists.length, before + 2);
  });

  it('begins the list again, unpaged, when its continue token has expired', async () => {
    fake.answers = [
      { metadata: { resourceVersion: '5', continue: 'x' }, items: [object('a', '1')] },
      new ApiError({ code: 410, reason: 'Expired' }),
      { metadata: { resourceVersion: '9' }, items: [object('a', '1'), object('b', '2')] },
    ];
    await start();
    assert.deepEqual(told, ['+a@1', '+b@2']);
    assert.equal(fake.lists[2]!.query?.limit, undefined);
  });

  it('goes on after a line that is no event', async () => {
    await start();
    fake.send('ADDED', object('a', '2'));
    fake.fail(new WatchProtocolError('not JSON'));
    await clock.advance(2_000);
    fake.send('MODIFIED', object('a', '3'));
    await settle();
    assert.deepEqual(told, ['+a@2', '~a@3']);
    assert.equal(counts.WatchProtocolError, 1);
  });

  it('does not ask at once again when the server ends watches at once', async () => {
    await start();
    fake.end();
    await settle();
    assert.equal(fake.watches.length, 1);
    assert.equal(clock.waiting[0], 800);
    await clock.advance(800);
    assert.equal(fake.watches.length, 2);
  });

  it('waits for a resource that does not exist yet, and says why', async () => {
    const missing = new ApiError({ code: 404, reason: 'NotFound', message: 'the server could not find it' });
    fake.answers = [missing, missing, { metadata: { resourceVersion: '3' }, items: [object('a', '1')] }];
    await start();
    assert.equal(informer.hasSynced, false);
    assert.match(informer.lastError ?? '', /could not find/);
    await clock.advance(10_000);
    assert.equal(informer.hasSynced, true);
    assert.equal(informer.lastError, undefined);
    assert.deepEqual(told, ['+a@1']);
  });

  it('logs, counts and repeats a handler that throws, without harm to the others', async () => {
    await start();
    let failures = 2;
    const late: string[] = [];
    const errors: string[] = [];
    informer.on('add', ({ metadata }) => {
      if (failures-- > 0) throw new Error('handler broke');
      late.push(metadata?.name ?? '');
    });
    fake.send('ADDED', object('a', '2'));
    fake.send('ADDED', object('b', '3'));
    await settle();
    assert.deepEqual(told, ['+a@2', '+b@3']);
    assert.deepEqual(late, []);
    await clock.advance(10_000);
    assert.deepEqual(late.sort(), ['a', 'b']);
    assert.equal(counts.handlerFailed, 2);
    assert.deepEqual(errors, []);
  });

  it('drops managedFields, transforms and indexes', async () => {
    fake.answers = [
      { metadata: { resourceVersion: '1' }, items: [object('a', '1', { managedFields: [{}], labels: { app: 'x' } })] },
    ];
    await start({
      transform: (thing) => ({ ...thing, kind: 'Thing' }),
      indices: { app: (thing) => [thing.metadata?.labels?.app ?? ''] },
    });
    const kept = informer.get('ns/a');
    assert.equal(kept?.kind, 'Thing');
    assert.equal('managedFields' in kept.metadata!, false);
    assert.equal(informer.byIndex('app', 'x').length, 1);
    fake.send('MODIFIED', object('a', '2', { labels: { app: 'y' } }));
    await settle();
    assert.equal(informer.byIndex('app', 'x').length, 0);
    assert.equal(informer.byIndex('app', 'y').length, 1);
    assert.throws(() => informer.byIndex('nope', 'x'), RangeError);
    assert.equal(informer.list('other').length, 0);
  });

  it('loses nothing of 20,000 events', async () => {
    await start();
    for (let index = 0; index < 20_000; index += 1)
      fake.send(index < 100 ? 'ADDED' : 'MODIFIED', object(`o${index % 100}`, String(index + 2)));
    while (told.length < 20_000) await settle();
    assert.equal(told.length, 20_000);
    assert.equal(informer.get('ns/o99')?.metadata?.resourceVersion, '20001');
  });

  it('calls no handler after stop', async () => {
    await start();
    await informer.stop();
    fake.send('ADDED', object('a', '2'));
    await settle();
    assert.deepEqual(told, []);
  });
});
