import assert from 'node:assert/strict';
import {
  findCondition,
  isTrue,
  saysTheSame,
  withCondition,
  withoutCondition,
} from '../../../../src/api/vmi/condition.js';

const [THEN, NOW] = ['2026-01-01T00:00:00Z', '2026-01-02T03:04:05Z'];
const paused = (status: 'True' | 'False', message = '') => ({ type: 'Paused', status, message });

describe('a list of conditions', () => {
  const ready = { type: 'Ready', status: 'True', lastTransitionTime: THEN };
  const first = withCondition([ready], paused('True'), THEN);

  it('is read by type; one that is missing is not true', () => {
    assert.equal(findCondition(first, 'Paused')?.status, 'True');
    assert.deepEqual(
      [isTrue(first, 'Paused'), isTrue(first, 'Synchronized'), isTrue(undefined, 'Paused')],
      [true, false, false],
    );
  });

  it('keeps the time of the transition while only the words change', () => {
    const [, changed] = withCondition(first, paused('True', 'by the user'), NOW);
    assert.deepEqual([changed?.message, changed?.lastTransitionTime], ['by the user', THEN]);
    const [, turned] = withCondition(first, paused('False'), NOW);
    assert.equal(turned?.lastTransitionTime, NOW);
  });

  it('is the same where nothing new is said, and keeps its order', () => {
    assert.deepEqual(withCondition(first, paused('True'), NOW), first);
    const types = withCondition(first, { type: 'Ready', status: 'False' }, NOW).map(({ type }) => type);
    assert.deepEqual(types, ['Ready', 'Paused']);
  });

  it('gives a condition without a time the time of its next change', () => {
    for (const lastTransitionTime of [null, undefined]) {
      const old = [{ type: 'Paused', status: 'True', lastTransitionTime }];
      assert.equal(withCondition(old, paused('True', 'again'), NOW)[0]?.lastTransitionTime, NOW);
    }
  });

  it('loses one by type', () => {
    assert.deepEqual(withoutCondition(first, 'Paused'), [ready]);
    assert.deepEqual(withoutCondition(undefined, 'Paused'), []);
  });

  it('compares what is said, not when', () => {
    assert.ok(saysTheSame({ ...ready, lastTransitionTime: NOW, message: '' }, ready));
    assert.ok(!saysTheSame({ ...ready, reason: 'GuestPaused' }, ready));
  });
});
