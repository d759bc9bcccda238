import assert from 'node:assert/strict';
import fc from 'fast-check';
import { FairQueue, Fifo, tenantOfKey } from '../../../../src/kube/work/fair-queue.js';

describe('first in, first out', () => {
  it('gives back what was put in, in order, whatever comes between', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 5_000 }), (pushes) => {
        const queue = new Fifo<number>();
        const model: number[] = [];
        pushes.forEach((push, index) => {
          if (push) {
            queue.push(index);
            model.push(index);
          } else assert.equal(queue.shift(), model.shift());
          assert.equal(queue.size, model.length);
        });
      }),
    );
  });

  it('is as good after 100,000 items', () => {
    const queue = new Fifo<number>();
    for (let index = 0; index < 100_000; index += 1) queue.push(index);
    for (let index = 0; index < 100_000; index += 1) assert.equal(queue.shift(), index);
    assert.equal(queue.shift(), undefined);
    assert.equal(queue.size, 0);
  });
});

describe('a fair queue', () => {
  const tenant = fc.constantFrom('a', 'b', 'c', 'd');

  it('keeps the order of each tenant and loses nothing', () => {
    fc.assert(
      fc.property(fc.array(fc.option(tenant, { nil: undefined }), { maxLength: 300 }), (steps) => {
        const queue = new FairQueue<string>();
        const model = new Map<string, string[]>();
        const take = (): void => {
          const item = queue.shift();
          const left = [...model.values()].reduce((sum, items) => sum + items.length, 0);
          if (left === 0) {
            assert.equal(item, undefined);
            return;
          }
          assert.equal(item, model.get(item![0]!)!.shift());
        };
        steps.forEach((of, index) => {
          if (of === undefined) {
            take();
            return;
          }
          queue.push(of, `${of}${index}`);
          model.set(of, [...(model.get(of) ?? []), `${of}${index}`]);
        });
        while (queue.size > 0) take();
        take();
      }),
    );
  });

  it('lets nobody wait for more than one item of each other tenant', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[a-z]{1,4}$/), fc.integer({ min: 1, max: 200 })), (counts) => {
        const queue = new FairQueue<string>();
        for (const [name, count] of Object.entries(counts))
          for (let index = 0; index < count; index += 1) queue.push(name, name);
        queue.push('STRANGER', 'STRANGER');
        let before = 0;
        while (queue.shift() !== 'STRANGER') before += 1;
        assert.ok(before <= Object.keys(counts).length, `${before} items came first`);
      }),
    );
  });

  it('gives an item of the first tenant that fulfils a condition, and leaves the others their turns', () => {
    const queue = new FairQueue<string>();
    for (const name of ['a', 'a', 'b', 'c', 'c']) queue.push(name, name);
    assert.equal(
      queue.shift((of) => of === 'c'),
      'c',
    );
    assert.equal(
      queue.shift((of) => of === 'x'),
      undefined,
    );
    assert.equal(
      queue.some((of) => of === 'x'),
      false,
    );
    assert.deepEqual([queue.shift(), queue.shift(), queue.shift(), queue.shift()], ['a', 'b', 'c', 'a']);
  });

  it("takes a key's namespace for its tenant", () => {
    assert.deepEqual(['ns/name', 'name', '/name', ''].map(tenantOfKey), ['ns', '', '', '']);
  });
});
