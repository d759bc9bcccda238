import assert from 'node:assert/strict';
import { compareOn, explained, type Comparison } from './against-buf.js';

/** A million: `npm run fuzz:cel`. */
const CASES = 2000;

describe('Generated expressions', () => {
  it('give what another implementation gives, or the difference is explained', () => {
    const unexplained: Comparison[] = [];
    let compared = 0;
    let evaluated = 0;
    for (let seed = 1; seed <= CASES; seed += 1) {
      const comparison = compareOn(seed);
      if (comparison === undefined) continue;
      compared += 1;
      if (comparison.ours !== 'error') evaluated += 1;
      if (comparison.ours !== comparison.theirs && explained(comparison) === undefined) unexplained.push(comparison);
    }
    assert.deepEqual(unexplained, []);
    assert.ok(compared > CASES * 0.9, `only ${compared} compile`);
    assert.ok(evaluated > CASES * 0.3, `only ${evaluated} give a value`);
  });
});
