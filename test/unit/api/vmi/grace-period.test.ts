import assert from 'node:assert/strict';
import { DEFAULT_GRACE_PERIOD_SECONDS, gracePeriod } from '../../../../src/api/vmi/grace-period.js';

describe('the grace period of a VMI', () => {
  const of = (seconds?: number) =>
    gracePeriod({ spec: { domain: { devices: {} }, terminationGracePeriodSeconds: seconds } });

  it('is what it says, zero too, or 30 s', () => {
    assert.deepEqual([of(0), of(180), of()], [0, 180, DEFAULT_GRACE_PERIOD_SECONDS]);
  });
});
