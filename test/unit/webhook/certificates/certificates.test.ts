import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { pino } from 'pino';
import type { Clock } from '../../../../src/kube/clock.js';
import {
  CertificateKeeper,
  MemoryCertificateStore,
  type CertificateStore,
} from '../../../../src/webhook/certificates/certificate-keeper.js';
import {
  bundleOf,
  isDying,
  lifeLeft,
  planCertificates,
  signerOf,
  timeLeft,
  type CertificateState,
} from '../../../../src/webhook/certificates/certificate-plan.js';
import { renewCertificates } from '../../../../src/webhook/certificates/certificates.js';
import { clusterProfiles } from '../../../../src/webhook/certificates/in-cluster-profile.js';
import { standaloneProfiles } from '../../../../src/webhook/certificates/standalone-profile.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const T0 = Date.parse('2026-01-01T00:00:00Z');
const EMPTY: CertificateState = { authorities: [], leaves: {} };
const profiles = clusterProfiles('kubevirt');
const logger = pino({ level: 'silent' });

class FakeClock implements Clock {
  time = T0;
  private timers: { at: number; callback: () => void }[] = [];
  now = () => this.time;
  random = () => 0.5;
  after(milliseconds: number, callback: () => void): () => void {
    const timer = { at: this.time + milliseconds, callback };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((other) => other !== timer);
    };
  }
  /** Calls what is due by then. */
  to(time: number): void {
    this.time = time;
    const due = this.timers.filter(({ at }) => at <= time);
    this.timers = this.timers.filter(({ at }) => at > time);
    for (const { callback } of due) callback();
  }
  get waiting(): number {
    return this.timers.length;
  }
}

describe('certificates', () => {
  let first: CertificateState;
  before(async () => {
    first = await renewCertificates(EMPTY, profiles, T0);
  });

  it('begin with one CA and a leaf for each purpose, EC P-256', () => {
    assert.equal(first.authorities.length, 1);
    const ca = new X509Certificate(first.authorities[0]!.cert);
    assert.ok(ca.ca);
    for (const [leaf, usage] of [
      ['serving', '1.3.6.1.5.5.7.3.1'],
      ['agentClient', '1.3.6.1.5.5.7.3.2'],
    ] as const) {
      const parsed = new X509Certificate(first.leaves[leaf]!.cert);
      assert.ok(parsed.checkIssued(ca) && parsed.verify(ca.publicKey) && !parsed.ca, leaf);
      assert.deepEqual(parsed.keyUsage, [usage]);
      assert.equal(parsed.publicKey.asymmetricKeyDetails?.namedCurve, 'prime256v1');
    }
    assert.match(
      new X509Certificate(first.leaves.serving!.cert).subjectAltName ?? '',
      /DNS:virt-webhook\.kubevirt\.svc\b/,
    );
    assert.equal(
      new X509Certificate(first.leaves.agentClient!.cert).subject,
      'CN=kubevirt.io:system:client:virt-agent',
    );
  });

  it('live 1 day, their CA 7', () => {
    assert.equal(timeLeft(first.leaves.serving, T0), DAY);
    assert.equal(timeLeft(first.authorities[0], T0), 7 * DAY);
  });

  it('stay as they are until a fifth of the life is left', async () => {
    assert.equal(await renewCertificates(first, profiles, T0 + 19 * HOUR), first);
    assert.deepEqual(planCertificates(first, profiles, T0 + 20 * HOUR).leaves, ['serving', 'agentClient']);
    assert.ok(lifeLeft(first.leaves.serving, T0 + 19 * HOUR) > 0.2);
  });

  it('are made again when missing, unreadable, of another name or of a foreign CA', async () => {
    const other = await renewCertificates(EMPTY, clusterProfiles('elsewhere'), T0);
    const plan = (serving: CertificateState['leaves']['serving']) =>
      planCertificates({ ...first, leaves: { ...first.leaves, serving } }, profiles, T0).leaves;
    assert.deepEqual(plan(undefined), ['serving']);
    assert.deepEqual(plan({ cert: 'nonsense', key: '' }), ['serving']);
    assert.deepEqual(plan(other.leaves.serving), ['serving']);
    assert.deepEqual(plan(first.leaves.agentClient), ['serving']);
    assert.deepEqual(plan(first.leaves.serving), []);
  });

  it('of an old CA stay trusted while a new one takes over', async () => {
    // A new leaf every 20 hours, up to the day on which the CA has a fifth left.
    let state = first;
    let now = T0;
    while (state.authorities.length === 1) {
      now += 5 * HOUR;
      state = await renewCertificates(state, profiles, now);
    }
    assert.ok(now > T0 + 5.5 * DAY && now < T0 + 6 * DAY);
    assert.equal(bundleOf(state).match(/BEGIN CERTIFICATE/g)?.length, 2);
    assert.equal(signerOf(state.authorities, now), state.authorities[1], 'nobody has heard of the new CA yet');
    assert.equal(signerOf(state.authorities, now + 11 * 60_000), state.authorities[0]);
    const later = await renewCertificates(state, profiles, now + 21 * HOUR);
    const issuer = new X509Certificate(later.authorities[0]!.cert);
    assert.ok(new X509Certificate(later.leaves.serving!.cert).checkIssued(issuer));
    const end = await renewCertificates(later, profiles, T0 + 7 * DAY + HOUR);
    assert.equal(end.authorities.length, 1, 'the old one is dropped when it has ended');
  });

  it('that were lost together are all replaced', async () => {
    const much = await renewCertificates(first, profiles, T0 + 30 * DAY);
    assert.equal(much.authorities.length, 1);
    assert.notEqual(much.authorities[0]!.cert, first.authorities[0]!.cert);
    assert.deepEqual(planCertificates(much, profiles, T0 + 30 * DAY), {
      newAuthority: false,
      leaves: [],
      keep: much.authorities,
    });
  });

  it('die a little after they should have been renewed', () => {
    assert.ok(!isDying(first.leaves.serving, T0 + 19.2 * HOUR));
    assert.ok(isDying(first.leaves.serving, T0 + 20 * HOUR));
    assert.ok(isDying(undefined, T0));
  });

  it('of a stand-alone webhook name this machine', async () => {
    const { leaves } = await renewCertificates(EMPTY, standaloneProfiles('192.0.2.1'), T0);
    const parsed = new X509Certificate(leaves.serving!.cert);
    assert.ok(parsed.checkIP('192.0.2.1') && parsed.checkIP('127.0.0.1') && parsed.checkHost('localhost'));
    assert.equal(leaves.agentClient, undefined);
  });
});

describe('the keeper of certificates', () => {
  const keeperOf = (
    store: CertificateStore,
    clock: Clock,
    apply: (state: CertificateState) => void = () => undefined,
  ) => new CertificateKeeper({ store, profiles, clock, logger, apply });

  it('makes them, takes them into use once, and looks every ten seconds', async () => {
    const clock = new FakeClock();
    let applied = 0;
    const keeper = keeperOf(new MemoryCertificateStore(), clock, () => (applied += 1));
    const state = await keeper.start();
    assert.equal(keeper.bundle, bundleOf(state));
    clock.time += 10_000;
    await keeper.check();
    assert.equal(applied, 1);
    clock.time += 60_000;
    await keeper.check();
    assert.equal(applied, 2, 'somebody may have put an old bundle back');
    assert.equal(clock.waiting, 1);
    keeper.stop();
    assert.equal(clock.waiting, 0);
  });

  it('is not published while nobody could be told of the CA', async () => {
    const clock = new FakeClock();
    let reachable = false;
    const keeper = keeperOf(new MemoryCertificateStore(), clock, () => {
      if (!reachable) throw new Error('the API server is away');
    });
    await keeper.start();
    assert.equal(keeper.published, false);
    reachable = true;
    clock.time += 10_000;
    await keeper.check();
    assert.equal(keeper.published, true);
    keeper.stop();
  });

  it('takes the winner’s when another replica was first', async () => {
    const clock = new FakeClock();
    const winner = await renewCertificates(EMPTY, profiles, clock.now());
    let loads = 0;
    const keeper = keeperOf(
      {
        load: () => Promise.resolve(loads++ === 0 ? EMPTY : winner),
        save: () => Promise.resolve(false),
      },
      clock,
    );
    assert.equal(await keeper.check(), winner);
  });

  it('makes new ones of the same CA on demand', async () => {
    const served: string[] = [];
    const keeper = new CertificateKeeper({
      store: new MemoryCertificateStore(),
      profiles,
      clock: new FakeClock(),
      logger,
      apply: (state) => {
        served.push(state.leaves.serving!.cert);
      },
    });
    const { authorities } = await keeper.check();
    const renewed = await keeper.renew();
    assert.deepEqual(renewed.authorities, authorities);
    assert.deepEqual(Object.keys(renewed.leaves), Object.keys(profiles));
    assert.equal(new Set(served).size, 2);
    assert.equal(served[1], renewed.leaves.serving!.cert);
  });
  it('gives up for now when it never wins, and when there is no store', async () => {
    const never = { load: () => Promise.resolve(EMPTY), save: () => Promise.resolve(false) };
    await assert.rejects(keeperOf(never, new FakeClock()).check(), /5 times/);
    const down = { load: () => Promise.reject(new Error('down')), save: () => Promise.resolve(true) };
    await assert.rejects(keeperOf(down, new FakeClock()).start(), /down/);
  });

  it('serves on and tries again when publishing fails', async () => {
    const clock = new FakeClock();
    let fail = true;
    let published = 0;
    const keeper = keeperOf(new MemoryCertificateStore(), clock, () => {
      if (fail) throw new Error('forbidden');
      published += 1;
    });
    assert.ok((await keeper.check()).leaves.serving);
    fail = false;
    await keeper.check();
    assert.equal(published, 1);
  });
});
