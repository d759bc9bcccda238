import assert from 'node:assert/strict';
import { LIMITS } from '../../../../src/webhook/server.js';
import { MOST_STREAMS, StreamLimit } from '../../../../src/webhook/subresources/stream-limit.js';

describe('the streams of a replica', () => {
  const fill = (limit: StreamLimit, count: number, owner: (number: number) => { user: string; namespace: string }) =>
    Array.from({ length: count }, (_, number) => limit.take(owner(number)));

  it('are bounded for each user, whosever VMs he opens, and a place is given back once', () => {
    const limit = new StreamLimit();
    const [free] = fill(limit, MOST_STREAMS.ofUser, (number) => ({ user: 'a', namespace: `n${number}` }));
    const next = { user: 'a', namespace: 'other' };
    assert.throws(() => limit.take(next), { code: 429, message: /^your user has 96 consoles, screens and forwarded/ });
    free?.();
    free?.();
    limit.take(next);
    assert.throws(() => limit.take(next), { code: 429 });
  });

  it('are bounded for each namespace, as whoever its service accounts come, and others still have theirs', () => {
    const limit = new StreamLimit();
    fill(limit, MOST_STREAMS.ofNamespace, (number) => ({ user: `system:serviceaccount:n:s${number}`, namespace: 'n' }));
    assert.throws(() => limit.take({ user: 'system:serviceaccount:n:more', namespace: 'n' }), {
      code: 429,
      message: /^the namespace n has 96 /,
    });
    limit.take({ user: 'b', namespace: 'other' });
  });

  it('leave the API server connections for admission, whoever opens them', () => {
    const limit = new StreamLimit();
    fill(limit, MOST_STREAMS.ofReplica, (number) => ({ user: `u${number}`, namespace: `n${number}` }));
    assert.throws(() => limit.take({ user: 'c', namespace: 'c' }), {
      code: 429,
      message: /^everybody together has 256 /,
    });
    assert.ok(MOST_STREAMS.ofReplica <= LIMITS.connectionsOfAddress / 2);
  });
});
