import assert from 'node:assert/strict';
import { STAGES, parseArguments } from '../../../cluster/stages/arguments.js';

describe('arguments of npm test', () => {
  it('are all stages and all tests when there are none', () => {
    assert.deepEqual(parseArguments([]), { stages: STAGES, grep: undefined });
  });

  it('choose stages, in the order in which they run, and tests', () => {
    assert.deepEqual(parseArguments(['--only', 'e2e,unit']).stages, ['unit', 'e2e']);
    assert.deepEqual(parseArguments(['--only=e2e', '--grep', 'evictions']), { stages: ['e2e'], grep: 'evictions' });
  });

  it('are refused with the remedy where they are wrong', () => {
    assert.throws(
      () => parseArguments(['--only', 'unit,smoke']),
      /stages are lint, unit, properties, integration, e2e/,
    );
    assert.throws(() => parseArguments(['--only', '']), /stages are/);
    assert.throws(() => parseArguments(['--greb', 'x']), /--greb/);
    assert.throws(() => parseArguments(['unit']), /unit/);
  });
});
