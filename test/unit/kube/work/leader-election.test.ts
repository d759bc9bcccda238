import assert from 'node:assert/strict';
import { ApiError, ConnectionError } from '../../../../src/kube/client/api-error.js';
import { LeaderElector, type Lease } from '../../../../src/kube/work/leader-election.js';
import { FakeClock } from '../fake-clock.js';

/** One Lease with compare-and-swap. */
class FakeLease {
  lease: Lease | undefined;
  down = false;
  hangs = false;
  /** What is written is there, and its answer on its way until this resolves. */
  answers: Promise<unknown> = Promise.resolve();
  private version = 0;

  private async answer<T>(run: () => T): Promise<T> {
    if (this.hangs) return new Promise(() => undefined);
    if (this.down) throw new ConnectionError('ECONNREFUSED', 'refused');
    return Promise.resolve(run());
  }

  private put(lease: Lease): Lease {
    this.lease = structuredClone({
      ...lease,
      metadata: { ...lease.metadata, resourceVersion: String(++this.version) },
    });
    return structuredClone(this.lease);
  }

  readonly client = {
    get: () =>
      this.answer(() => {
        if (!this.lease) throw new ApiError({ code: 404, reason: 'NotFound' });
        return structuredClone(this.lease);
      }),
    create: (_path: string, lease: Lease) =>
      this.answer(() => {
        if (this.lease) throw new ApiError({ code: 409, reason: 'AlreadyExists' });
        return this.put(lease);
      }),
    update: async (_path: string, lease: Lease) => {
      const stored = await this.answer(() => {
        if (lease.metadata?.resourceVersion !== this.lease?.metadata?.resourceVersion) {
          throw new ApiError({ code: 409, reason: 'Conflict' });
        }
        return this.put(lease);
      });
      await this.answers;
      return stored;
    },
  } as never;
}

describe('leader election', () => {
  let clock: FakeClock;
  let fake: FakeLease;
  let leading: string[];
  let ended: string[];
  const start = (identity: string): LeaderElector => {
    const elector = new LeaderElector(fake.client, { namespace: 'ns', name: 'lease', identity, clock });
    void elector.run(() => leading.push(identity)).then((how) => ended.push(`${identity} ${how}`));
    return elector;
  };
  beforeEach(() => {
    clock = new FakeClock();
    fake = new FakeLease();
    leading = [];
    ended = [];
  });

  it('lets one lead, and renews', async () => {
    const [a, b] = [start('a'), start('b')];
    await clock.advance(60_000);
    assert.equal(leading.length, 1);
    assert.equal([a, b].filter(({ isLeader }) => isLeader).length, 1);
    assert.equal(fake.lease?.spec?.leaseDurationSeconds, 15);
    assert.match(fake.lease.spec.renewTime ?? '', /^2026-01-01T00:01:00\.000000Z$|^2026-01-01T00:00:5\d\.000000Z$/);
    assert.deepEqual(ended, []);
  });

  it('hands over at once when the leader stops, within the lease when it vanishes', async () => {
    const a = start('a');
    await clock.advance(5_000);
    start('b');
    await clock.advance(5_000);
    await a.stop();
    await clock.advance(3_000);
    assert.deepEqual(leading, ['a', 'b']);
    assert.equal(fake.lease?.spec?.leaseTransitions, 1);
    assert.deepEqual(ended, ['a stopped']);
  });

  it('hands over at once although a renewal is under way when the leader stops', async () => {
    const first = start('a');
    await clock.advance(1);
    let answer = (): void => undefined;
    fake.answers = new Promise<void>((resolve) => (answer = resolve));
    await clock.advance(2_000);
    const stopped = first.stop();
    answer();
    await stopped;
    assert.equal(fake.lease?.spec?.holderIdentity, '');
  });

  it('takes over a lease that nobody renews, by its own clock only', async () => {
    // The other's clock is years ahead.
    fake.lease = {
      metadata: { name: 'lease', resourceVersion: '0' },
      spec: { holderIdentity: 'dead', leaseDurationSeconds: 15, renewTime: '2099-01-01T00:00:00.000000Z' },
    };
    start('a');
    await clock.advance(14_000);
    assert.deepEqual(leading, []);
    await clock.advance(4_000);
    assert.deepEqual(leading, ['a']);
  });

  it('gives up when it could not renew for 10 s: before anybody else may lead', async () => {
    const a = start('a');
    await clock.advance(3_000);
    fake.down = true;
    await clock.advance(8_000);
    assert.equal(a.isLeader, true);
    await clock.advance(2_000);
    assert.deepEqual(ended, ['a lost']);
    assert.equal(a.isLeader, false);
  });

  it('gives up in time although the API server does not answer at all', async () => {
    const a = start('a');
    await clock.advance(3_000);
    fake.hangs = true;
    await clock.advance(10_000);
    assert.deepEqual(ended, ['a lost']);
    assert.equal(a.isLeader, false);
  });

  it('outlives a short outage', async () => {
    const a = start('a');
    await clock.advance(3_000);
    fake.down = true;
    await clock.advance(6_000);
    fake.down = false;
    await clock.advance(30_000);
    assert.equal(a.isLeader, true);
    assert.deepEqual(ended, []);
  });

  it('gives up at once when another holds the lease', async () => {
    start('a');
    await clock.advance(3_000);
    fake.lease = {
      ...fake.lease,
      metadata: { resourceVersion: '99' },
      spec: { holderIdentity: 'b', leaseDurationSeconds: 15 },
    };
    await clock.advance(3_000);
    assert.deepEqual(ended, ['a lost']);
  });

  it('stops while it waits', async () => {
    start('a');
    await clock.advance(1_000);
    const b = start('b');
    await clock.advance(1_000);
    await b.stop();
    await clock.advance(1_000);
    assert.deepEqual(ended, ['b stopped']);
    assert.equal(fake.lease?.spec?.holderIdentity, 'a');
  });
});
