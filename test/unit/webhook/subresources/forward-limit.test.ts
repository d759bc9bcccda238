import assert from 'node:assert/strict';
import { ForwardLimit, MOST_FORWARDS } from '../../../../src/webhook/subresources/forward-limit.js';

describe('the forwarded connections of a replica', () => {
  it('are bounded for each user and for all, and a place is given back once', () => {
    const limit = new ForwardLimit();
    const [free] = Array.from({ length: MOST_FORWARDS.ofUser }, () => limit.take('a'));
    assert.throws(() => limit.take('a'), { code: 429 });
    free?.();
    free?.();
    limit.take('a');
    assert.throws(() => limit.take('a'), { code: 429 });
    Array.from({ length: MOST_FORWARDS.ofReplica - MOST_FORWARDS.ofUser }, (_, number) => limit.take(`b${number}`));
    assert.throws(() => limit.take('c'), { code: 429 });
  });
});
