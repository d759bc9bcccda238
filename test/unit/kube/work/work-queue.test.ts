import assert from 'node:assert/strict';
import { type Outcome, WorkQueue } from '../../../../src/kube/work/work-queue.js';
import { FakeClock, settle } from '../fake-clock.js';

describe('work queue', () => {
  let clock: FakeClock;
  beforeEach(() => (clock = new FakeClock()));

  it('holds a key once and works on it once', async () => {
    const seen: string[] = [];
    const queue = new WorkQueue({ name: 'q', clock, handler: (key) => (seen.push(key), Promise.resolve(undefined)) });
    for (const key of ['a', 'b', 'a', 'a']) queue.add(key);
    assert.equal(queue.depth, 2);
    queue.start();
    await settle();
    assert.deepEqual(seen, ['a', 'b']);
  });

  it('never has two workers on one key, and comes back to a key added meanwhile', async () => {
    let active = 0;
    let most = 0;
    const release: (() => void)[] = [];
    const seen: string[] = [];
    const queue = new WorkQueue({
      name: 'q',
      clock,
      workers: 3,
      handler: async (key) => {
        seen.push(key);
        active += 1;
        most = Math.max(most, active);
        await new Promise<void>((resolve) => release.push(resolve));
        active -= 1;
        return undefined;
      },
    });
    queue.start();
    queue.add('a');
    queue.add('a');
    queue.add('a');
    await settle();
    assert.equal(most, 1);
    release.shift()?.();
    await settle();
    assert.deepEqual(seen, ['a', 'a'], 'the two additions during the work are one more pass');
    release.shift()?.();
    await settle();
    assert.deepEqual(seen, ['a', 'a']);
  });

  it('uses its workers, and no more', async () => {
    let active = 0;
    const release: (() => void)[] = [];
    const queue = new WorkQueue({
      name: 'q',
      clock,
      workers: 2,
      handler: async () => {
        active += 1;
        await new Promise<void>((resolve) => release.push(resolve));
        active -= 1;
        return undefined;
      },
    });
    for (const key of ['a', 'b', 'c']) queue.add(key);
    queue.start();
    await settle();
    assert.equal(active, 2);
    release.shift()?.();
    await settle();
    assert.equal(active, 2);
    assert.equal(queue.depth, 0);
  });

  it('delays failures more and more, per key, and forgets them after a success', async () => {
    let fail = true;
    const times: number[] = [];
    const begin = clock.now();
    const queue = new WorkQueue({
      name: 'q',
      clock,
      handler: () => {
        times.push(clock.now() - begin);
        return fail ? Promise.reject(new Error('no')) : Promise.resolve(undefined);
      },
    });
    queue.start();
    queue.add('a');
    await clock.advance(1_000);
    assert.deepEqual(times, [0, 100, 300, 700]);
    fail = false;
    await clock.advance(1_000);
    assert.deepEqual(times.at(-1), 1500);
    fail = true;
    queue.add('a');
    await clock.advance(150);
    assert.deepEqual(times.slice(-2), [2000, 2100]);
  });

  it('caps the delay at a minute', async () => {
    let calls = 0;
    const queue = new WorkQueue({ name: 'q', clock, handler: () => (calls++, Promise.reject(new Error('no'))) });
    queue.start();
    queue.add('a');
    await clock.advance(3_600_000);
    const before = calls;
    await clock.advance(60_000);
    assert.equal(calls, before + 1);
  });

  it('keeps the earliest of several delays, and drops it when the key comes by itself', async () => {
    const seen: number[] = [];
    const begin = clock.now();
    const outcome: Outcome = {};
    const queue = new WorkQueue({
      name: 'q',
      clock,
      handler: () => (seen.push(clock.now() - begin), Promise.resolve(outcome)),
    });
    queue.start();
    queue.addAfter('a', 5_000);
    queue.addAfter('a', 1_000);
    queue.addAfter('a', 3_000);
    await clock.advance(10_000);
    assert.deepEqual(seen, [1_000]);
    queue.addAfter('a', 5_000);
    queue.add('a');
    await clock.advance(10_000);
    assert.deepEqual(seen, [1_000, 10_000]);
    outcome.requeueAfterMs = 2_000;
    queue.add('a');
    await clock.advance(4_500);
    assert.deepEqual(seen.slice(2), [20_000, 22_000, 24_000]);
  });

  it('ends the work in progress and takes nothing more when stopped', async () => {
    let release: () => void = () => undefined;
    const seen: string[] = [];
    const queue = new WorkQueue({
      name: 'q',
      clock,
      handler: async (key) => {
        seen.push(key);
        await new Promise<void>((resolve) => (release = resolve));
        return { requeueAfterMs: 1 };
      },
    });
    queue.start();
    queue.add('a');
    queue.add('b');
    await settle();
    let stopped = false;
    const stop = queue.stop().then(() => (stopped = true));
    queue.add('c');
    await settle();
    assert.equal(stopped, false);
    release();
    await stop;
    await clock.advance(1_000);
    assert.deepEqual(seen, ['a']);
  });

  it('works on 10,000 keys without losing one', async () => {
    const seen = new Set<string>();
    const queue = new WorkQueue({
      name: 'q',
      clock,
      workers: 8,
      handler: (key) => (seen.add(key), Promise.resolve(undefined)),
    });
    queue.start();
    for (let index = 0; index < 10_000; index += 1) queue.add(`k${index}`);
    while (queue.busy) await settle();
    assert.equal(seen.size, 10_000);
  });
});
