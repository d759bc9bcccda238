import assert from 'node:assert/strict';
import { hasGrown } from '../../../src/controller/quota-room.js';

const quota = (hard: Record<string, string>, used: Record<string, string> = {}) => ({ status: { hard, used } });

describe('room in a quota', () => {
  it('has grown when it was raised, lifted, or something was freed, and not when something took some', () => {
    const before = quota({ 'requests.memory': '1Gi', pods: '5' }, { 'requests.memory': '900Mi', pods: '2' });
    const used = before.status.used;
    assert.equal(hasGrown(quota({ 'requests.memory': '2Gi', pods: '5' }, used), before), true);
    assert.equal(hasGrown(quota({ pods: '5' }, used), before), true);
    assert.equal(hasGrown(quota(before.status.hard, { ...used, 'requests.memory': '100Mi' }), before), true);
    assert.equal(hasGrown(quota(before.status.hard, { ...used, pods: '3' }), before), false);
    assert.equal(hasGrown(before, before), false);
    assert.equal(hasGrown(quota({}), {}), false);
  });
});
