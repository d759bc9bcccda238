import assert from 'node:assert/strict';
import { systemClock } from '../../../src/kube/clock.js';

describe('the system clock', () => {
  const calledWithin = (milliseconds: number, first: number): Promise<boolean> =>
    new Promise((resolve) => {
      const cancel = systemClock.after(milliseconds, () => resolve(true));
      setTimeout(() => {
        cancel();
        resolve(false);
      }, first);
    });

  it('waits longer than Node’s timers can, where a grace period of months asks for it', async () => {
    for (const months of [2 ** 31, 1e12, 9e18]) assert.equal(await calledWithin(months, 30), false, String(months));
  });
  it('calls back, and not when cancelled', async () => {
    assert.equal(await calledWithin(0, 1000), true);
    let called = false;
    systemClock.after(0, () => (called = true))();
    assert.equal(await calledWithin(1, 1000), true);
    assert.equal(called, false);
  });
});
