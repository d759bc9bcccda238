import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import fc from 'fast-check';
import {
  ApiServerCallers,
  CALLED_PATHS,
  registeredPath,
  type CalledPath,
} from '../../../../src/webhook/admission/api-server-callers.js';
import { issueAuthority } from '../../../../src/webhook/certificates/certificates.js';
import type { Certificate } from '../../../../src/webhook/certificates/certificate-plan.js';
import { FakeClock } from '../../kube/fake-clock.js';

const HOUR_MS = 3_600_000;
const request = (url: string): IncomingMessage => ({ url, socket: {} }) as unknown as IncomingMessage;

describe('requests of the API server', () => {
  let clock: FakeClock;
  let authorities: Certificate[];
  let strangers: number;
  let callers: ApiServerCallers;

  /** Another replica: nothing in common with the first but the Secret. */
  const replica = (): ApiServerCallers =>
    new ApiServerCallers({
      state: () => ({ authorities, leaves: {} }),
      requestHeaders: () => undefined,
      clock,
      stranger: () => (strangers += 1),
    });
  const registered = (path: CalledPath): string =>
    registeredPath({ authorities, leaves: {} }, path, clock.now()) ?? assert.fail('there is no path');
  const isKnown = (url: string, by = callers): boolean => {
    const sent = request(url);
    by.receive(sent);
    return by.fromApiServer(sent);
  };

  beforeEach(async () => {
    clock = new FakeClock();
    authorities = [await issueAuthority(clock.now())];
    strangers = 0;
    callers = replica();
  });

  it('are known by the path that is registered, at every replica', () => {
    for (const path of CALLED_PATHS) {
      // As the API server takes a path: each segment a name of DNS.
      assert.match(registered(path), /^\/[a-z-]+\/[0-9a-f]{64}$/);
      assert.ok(isKnown(`${registered(path)}?timeout=5s`));
      assert.ok(isKnown(registered(path), replica()));
    }
    assert.equal(strangers, 0);
  });

  it('show no token to what comes after', () => {
    const sent = request(`${registered('evict')}?timeout=5s`);
    callers.receive(sent);
    assert.equal(sent.url, '/evict?timeout=5s');
  });

  it('are not those of anybody else, whatever is sent', () => {
    const right = registered('evict');
    const wrong = ['/evict', '/evict/', '/', '//', `${right}0`, right.slice(0, -1), right.toUpperCase(), `/${right}`];
    wrong.push(`${right}/x`.replace('/evict', '/evict/x'), registered('validate').replace('validate', 'evict'));
    for (const url of wrong) assert.equal(isKnown(url), false, url);
    assert.equal(strangers, wrong.length);
    fc.assert(fc.property(fc.string({ unit: 'binary-ascii' }), (text) => !isKnown(`/evict/${text}`)));
  });

  it('have tokens that end: the one before is taken for a while, older ones are not', async () => {
    const old = registered('validate');
    await clock.advance(HOUR_MS);
    assert.notEqual(registered('validate'), old);
    assert.ok(isKnown(old));
    assert.ok(isKnown(registered('validate')));
    await clock.advance(HOUR_MS);
    assert.equal(isKnown(old), false);
    assert.ok(isKnown(registered('validate')));
  });

  it('are known while authorities change, by those of the old one until it is gone', async () => {
    const old = registered('evict');
    authorities = [await issueAuthority(clock.now()), ...authorities];
    // The new one is not registered before every replica has it.
    assert.ok(isKnown(registered('evict')));
    assert.ok(isKnown(old));
    await clock.advance(11 * 60_000);
    assert.ok(isKnown(registered('evict')));
    assert.ok(isKnown(old));
    authorities = authorities.slice(0, 1);
    assert.equal(isKnown(old), false);
  });

  it('are none before there is an authority', () => {
    const path = registered('evict');
    authorities = [];
    assert.equal(registeredPath({ authorities, leaves: {} }, 'evict', clock.now()), undefined);
    assert.equal(isKnown(path), false);
  });
});
