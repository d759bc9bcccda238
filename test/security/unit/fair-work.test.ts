import assert from 'node:assert/strict';
import fc from 'fast-check';
import { WorkQueue, type Outcome } from '../../../src/kube/work/work-queue.js';
import { FakeClock, settle } from '../../unit/kube/fake-clock.js';

/** Work of one second for each key, as the fake clock counts. */
const slow =
  (clock: FakeClock, seen: string[], milliseconds = 1_000) =>
  (key: string) =>
    new Promise<Outcome | undefined>((resolve) => {
      seen.push(key);
      clock.after(milliseconds, () => resolve(undefined));
    });

describe('a queue of work that tenants share', function () {
  this.timeout(300_000);

  it('does a key of one namespace after one of each other that waits, though one has 10,000', async () => {
    const clock = new FakeClock();
    const seen: string[] = [];
    const queue = new WorkQueue({ name: 'q', clock, workers: 10, handler: slow(clock, seen) });
    queue.start();
    for (let index = 0; index < 10_000; index += 1) queue.add(`flood/${index}`);
    await settle();
    queue.add('stranger/vm');
    await clock.advance(1_000);
    assert.ok(seen.includes('stranger/vm'), `after ${seen.length} keys of the flood it still waits`);
    assert.ok(queue.depth > 9_900);
  });

  it('lets nobody wait for more than a round, however many keys who has', async () => {
    const counts = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(counts, fc.integer({ min: 1, max: 8 }), async (floods, workers) => {
        const clock = new FakeClock();
        const seen: string[] = [];
        const queue = new WorkQueue({ name: 'q', clock, workers, handler: slow(clock, seen) });
        floods.forEach((count, tenant) => {
          for (let index = 0; index < count; index += 1) queue.add(`t${tenant}/${index}`);
        });
        queue.start();
        await settle();
        const before = seen.length;
        queue.add('stranger/vm');
        // One key of each tenant takes this many seconds of so many workers, and one that was begun before.
        await clock.advance(1_000 * (Math.ceil(floods.length / workers) + 1));
        assert.ok(seen.includes('stranger/vm'), `${seen.length - before} keys came first`);
        void queue.stop();
      }),
      { numRuns: 40 },
    );
  });

  it('works on no key twice at a time and on each after its last addition, whatever the order', async () => {
    const step = fc.record({
      key: fc.constantFrom('a/1', 'a/2', 'b/1', 'c/1'),
      afterMs: fc.constantFrom(0, 0, 5, 500),
      advanceMs: fc.constantFrom(0, 0, 1, 40, 1_000),
      fails: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.integer({ min: 1, max: 3 }), async (steps, workers) => {
        const clock = new FakeClock();
        const active = new Set<string>();
        const lastBegun = new Map<string, number>();
        const lastAdded = new Map<string, number>();
        let tick = 0;
        let failing = true;
        const failures = new Set<string>();
        const queue = new WorkQueue({
          name: 'q',
          clock,
          workers,
          handler: async (key) => {
            assert.ok(!active.has(key), `${key} is worked on twice`);
            active.add(key);
            tick += 1;
            lastBegun.set(key, tick);
            await new Promise<void>((resolve) => clock.after(30, resolve));
            active.delete(key);
            if (failing && failures.has(key)) throw new Error('no');
            return undefined;
          },
        });
        queue.start();
        for (const { key, afterMs, advanceMs, fails } of steps) {
          if (fails) failures.add(key);
          tick += 1;
          lastAdded.set(key, tick);
          if (afterMs === 0) queue.add(key);
          else queue.addAfter(key, afterMs);
          await clock.advance(advanceMs);
        }
        failing = false;
        await clock.advance(200_000);
        for (const [key, added] of lastAdded) assert.ok((lastBegun.get(key) ?? 0) > added, `${key} was lost`);
        assert.equal(queue.held, 0, 'nothing of keys that are done is kept');
      }),
      { numRuns: 60 },
    );
  });

  it('remembers nothing of objects that are gone, though each failed before', async () => {
    const clock = new FakeClock();
    let gone = false;
    const handler = (): Promise<undefined> =>
      gone ? Promise.resolve(undefined) : Promise.reject(new Error('cannot be done'));
    const queue = new WorkQueue({ name: 'q', clock, workers: 50, handler });
    queue.start();
    for (let index = 0; index < 500; index += 1) queue.add(`flood/${index}`);
    await clock.advance(1_000);
    assert.equal(queue.held, 500);
    gone = true;
    await clock.advance(120_000);
    assert.equal(queue.held, 0);
  });
});
