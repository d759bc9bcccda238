import assert from 'node:assert/strict';
import fc from 'fast-check';
import { LEND_TO_ANYBODY_MS, LEND_TO_STRANGER_MS, StartPlaces } from '../../../../src/agent/vm/start-places.js';
import { FakeClock, settle } from '../../kube/fake-clock.js';

describe('places for starts', () => {
  let clock: FakeClock;
  let entered: string[];
  beforeEach(() => {
    clock = new FakeClock();
    entered = [];
  });

  /** A start that takes so long on the fake clock. */
  const start = (places: StartPlaces, key: string, milliseconds: number): Promise<void> =>
    places.run(key.split('/')[0]!, key, () => {
      entered.push(key);
      return new Promise<void>((resolve) => clock.after(milliseconds, resolve));
    });

  it('are as many as there are, and go to who came first of one tenant', async () => {
    const places = new StartPlaces(clock, 2);
    for (const name of ['1', '2', '3', '4']) void start(places, `a/${name}`, 300);
    await settle();
    assert.deepEqual(entered, ['a/1', 'a/2']);
    assert.equal(places.waiting, 2);
    await clock.advance(300);
    assert.deepEqual(entered, ['a/1', 'a/2', 'a/3', 'a/4']);
  });

  it('go to tenants in turn', async () => {
    const places = new StartPlaces(clock, 1);
    for (let index = 0; index < 50; index += 1) void start(places, `a/${index}`, 300);
    void start(places, 'b/1', 300);
    void start(places, 'b/2', 300);
    await clock.advance(1_000);
    assert.deepEqual(entered, ['a/0', 'a/1', 'b/1', 'a/2']);
  });

  it('are lent to a tenant without a start when their holder takes long, and to others much later', async () => {
    const places = new StartPlaces(clock, 1);
    void start(places, 'a/1', 60_000);
    void start(places, 'a/2', 60_000);
    void start(places, 'b/1', 60_000);
    void start(places, 'b/2', 60_000);
    await clock.advance(LEND_TO_STRANGER_MS - 1);
    assert.deepEqual(entered, ['a/1']);
    await clock.advance(1);
    assert.deepEqual(entered, ['a/1', 'b/1']);
    await clock.advance(LEND_TO_ANYBODY_MS - 1);
    assert.deepEqual(entered, ['a/1', 'b/1']);
    await clock.advance(1);
    assert.deepEqual(entered, ['a/1', 'b/1', 'a/2']);
  });

  it('do not become more when a holder that lent its own ends', async () => {
    const places = new StartPlaces(clock, 1);
    void start(places, 'a/1', LEND_TO_STRANGER_MS + 100);
    void start(places, 'b/1', 5_000);
    void start(places, 'a/2', 1_000);
    await clock.advance(LEND_TO_STRANGER_MS + 100);
    assert.deepEqual(entered, ['a/1', 'b/1'], 'its end gave nobody a place');
    await clock.advance(LEND_TO_STRANGER_MS);
    assert.deepEqual(entered, ['a/1', 'b/1', 'a/2'], 'but its tenant is without a start again');
  });

  it('go to who was never slow before who was, but not always', async () => {
    const places = new StartPlaces(clock, 1);
    void start(places, 'a/slow', LEND_TO_ANYBODY_MS);
    await clock.advance(LEND_TO_ANYBODY_MS);
    entered = [];
    void start(places, 'z/busy', 100);
    void start(places, 'a/slow', 100);
    for (let index = 0; index < 8; index += 1) void start(places, `a/${index}`, 100);
    await clock.advance(10_000);
    assert.equal(entered.length, 10);
    const turn = entered.indexOf('a/slow');
    assert.ok(turn >= 2 && turn <= 4, entered.join());
  });

  it('are given back by a start that fails, and forget who is gone', async () => {
    const places = new StartPlaces(clock, 1);
    await assert.rejects(
      places.run('a', 'a/1', () => Promise.reject(new Error('no'))),
      /no/,
    );
    void start(places, 'a/2', 0);
    await settle();
    assert.deepEqual(entered, ['a/2']);
  });

  it('let everybody in at last, and hold no more starts than places and tenants that are waited for', async () => {
    const one = fc.record({
      tenant: fc.constantFrom('a', 'b', 'c', 'd'),
      milliseconds: fc.constantFrom(10, 300, 700, 20_000),
      pauseMs: fc.constantFrom(0, 0, 0, 200, 1_000),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(one, { maxLength: 40 }), fc.integer({ min: 1, max: 4 }), async (starts, count) => {
        clock = new FakeClock();
        const places = new StartPlaces(clock, count);
        let running = 0;
        let done = 0;
        let young = 0;
        for (const [index, { tenant, milliseconds, pauseMs }] of starts.entries()) {
          void places.run(tenant, `${tenant}/${index}`, async () => {
            running += 1;
            young += 1;
            clock.after(Math.min(milliseconds, LEND_TO_STRANGER_MS - 1), () => (young -= 1));
            assert.ok(young <= count, `${young} starts at once that took no time yet, with ${count} places`);
            await new Promise<void>((resolve) => clock.after(milliseconds, resolve));
            running -= 1;
            done += 1;
          });
          await clock.advance(pauseMs);
        }
        await clock.advance(20_000 * (starts.length + 1));
        assert.equal(done, starts.length);
        assert.equal(running, 0);
        assert.equal(places.waiting, 0);
        assert.deepEqual(clock.waiting, [], 'no timer is left');
      }),
      { numRuns: 60 },
    );
  });
});
