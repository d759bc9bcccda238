import assert from 'node:assert/strict';
import fc from 'fast-check';
import { answerFrame } from '../../../src/agent/network/answer.js';
import { isDomainName, readResolvConf } from '../../../src/agent/network/lease.js';
import {
  dhcpFrame,
  dhcpMessage,
  dhcpv6Frame,
  dhcpv6Message,
  LEASE,
  solicitationFrame,
} from '../../unit/agent/network/asking.js';

/** An answer is a frame that any network carries. */
const harmless = (answer: Buffer | undefined): boolean => answer === undefined || answer.length <= 1500;

describe('a guest that asks about its network with hostile frames', () => {
  const honest = [
    dhcpFrame(dhcpMessage(1, { 61: Buffer.alloc(255, 1) })),
    dhcpv6Frame(
      dhcpv6Message(1, [
        [1, Buffer.alloc(10, 1)],
        [3, Buffer.alloc(12)],
      ]),
    ),
    solicitationFrame(),
  ];

  it('gets no more than it sends and a frame of settings, and ends nothing, whatever the bytes', () => {
    const changed = fc.record({
      frame: fc.constantFrom(...honest),
      cut: fc.nat(700),
      changes: fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { maxLength: 12 }),
    });
    fc.assert(
      fc.property(changed, ({ frame, cut, changes }) => {
        const bytes = Buffer.from(frame.subarray(0, Math.max(0, frame.length - cut)));
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
        return harmless(answerFrame(bytes, LEASE));
      }),
      { numRuns: 20_000 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2048 }), (bytes) => harmless(answerFrame(Buffer.from(bytes), LEASE))),
    );
  });

  it('is not answered in the name of another card', () => {
    assert.equal(answerFrame(dhcpFrame(dhcpMessage(1, {}, { mac: '02:99:99:99:99:99' })), LEASE), undefined);
    const spoofed = dhcpFrame(dhcpMessage(1));
    spoofed.set([2, 0x99, 0x99, 0x99, 0x99, 0x99], 6);
    assert.equal(answerFrame(spoofed, LEASE), undefined);
  });

  it('gets no identity back that is longer than one may be', () => {
    assert.equal(answerFrame(dhcpv6Frame(dhcpv6Message(1, [[1, Buffer.alloc(131)]])), LEASE), undefined);
  });
});

describe('a resolv.conf that a pod chose', () => {
  it('gives a few servers and domains that are names, whatever it says', () => {
    const many = Array.from({ length: 1000 }, (_, index) => `nameserver 10.0.0.${index % 250}\nsearch d${index}`);
    const read = readResolvConf(
      `${many.join('\n')}\nsearch ${'x. '.repeat(5000)} -bad a..b ${'y'.repeat(64)} ok.example`,
    );
    assert.equal(read.dns.length, 8);
    assert.ok(read.search.length <= 32);
    assert.ok(read.search.every(isDomainName));
    assert.deepEqual(readResolvConf('search -bad a..b ok.example.\n').search, ['ok.example']);
  });

  it('is encoded for any server’s text', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), fc.array(fc.string()), (dns, search) =>
        harmless(answerFrame(dhcpFrame(dhcpMessage(1)), { ...LEASE, dns, search, hostname: search[0] ?? '' })),
      ),
    );
  });
});
