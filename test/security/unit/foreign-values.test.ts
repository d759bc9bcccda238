import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseDomainXml } from '../../../src/agent/hypervisor/domain-xml.js';
import { foreignText } from '../../../src/agent/hypervisor/foreign-text.js';
import { guestInterfaces, osInfo } from '../../../src/agent/hypervisor/guest-agent.js';
import { LimitError } from 'node-libvirt';
import { encodeRawFrame } from '../../../src/libvirt/frame.js';
import { FrameSplitter } from '../../../src/libvirt/frame-splitter.js';
import { TokenBucket } from '../../../src/libvirt/limits.js';

const REPLY = { program: 0x2000_8086, procedure: 14, type: 1, serial: 1, status: 0 };

describe('what comes from a guest or in its name', () => {
  it('is text of bounded bytes on one line, that no terminal acts on and the API server keeps as it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), fc.integer({ min: 3, max: 300 }), (text, most) => {
        const shown = foreignText(text, most);
        assert.ok(Buffer.byteLength(shown) <= most);
        assert.doesNotMatch(shown, /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
        assert.equal(Buffer.from(shown, 'utf8').toString('utf8'), shown);
      }),
    );
    assert.equal(foreignText('Debian GNU/Linux 12 (bookworm) – ü', 256), 'Debian GNU/Linux 12 (bookworm) – ü');
    assert.equal(foreignText('\u001b]52;c;aGk=\u0007\u202Ex\ud83d', 256), '\uFFFD]52;c;aGk=\uFFFD\uFFFDx\uFFFD');
  });

  it('is a guest’s own word of few bytes, whatever JSON its agent sends', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (answer) => {
        const said = JSON.stringify([osInfo(answer) ?? {}, guestInterfaces([answer])]);
        assert.ok(said.length < 3_000);
      }),
    );
    assert.deepEqual(guestInterfaces([{ name: 'eth0', 'hardware-address': 'x'.repeat(17) }]), []);
  });

  it('is XML of libvirt’s form or an error, and facts of their form', () => {
    const part = fc.constantFrom(
      '<domain>',
      '<devices>',
      '<disk>',
      "<alias name='ua-x'/>",
      '</disk>',
      '</domain>',
      '<',
      '>',
      '/',
      "'",
      '&a;',
      '<!--',
      '-->',
      ' ',
      '\0',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 60 }), (parts) => {
        try {
          const { disks, interfaces } = parseDomainXml(parts.join(''));
          for (const { name } of [...disks, ...interfaces]) assert.match(name, /^[\w.-]{1,128}$/);
        } catch (error) {
          assert.match((error as Error).message, /^the domain's XML /);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('a message in single bytes', () => {
  it('is held once, in a handful of buffers, and is what was sent', () => {
    const payload = Buffer.from(Array.from({ length: 200_000 }, (_, index) => index % 251));
    const bytes = encodeRawFrame(REPLY, payload);
    const splitter = new FrameSplitter();
    const rooms = new Set<number>();
    let frames = 0;
    for (const byte of bytes) {
      for (const frame of splitter.push(Buffer.from([byte]))) {
        frames += 1;
        assert.deepEqual(frame.payload, payload);
      }
      rooms.add(splitter.held);
      assert.ok(splitter.held <= Math.max(4_096, 2 * splitter.buffered), 'no more than twice what came');
    }
    assert.equal(frames, 1);
    // None, the header's, 4 KiB doubled until it is enough.
    assert.ok(rooms.size <= 9, `${rooms.size} buffers were made for it`);
  });

  it('is refused at its length, and an event or an error at its header', () => {
    const limits = { frameBytes: 1_000, eventBytes: 100 };
    const refused = (type: number, status: number, length: number): string | undefined => {
      const start = encodeRawFrame({ ...REPLY, type, status }, new Uint8Array());
      start.writeUInt32BE(length);
      try {
        for (const frame of new FrameSplitter(limits).push(start)) assert.fail(String(frame.serial));
        return undefined;
      } catch (error) {
        assert.ok(error instanceof LimitError);
        return error.limit;
      }
    };
    assert.equal(refused(1, 0, 1_000), undefined);
    assert.equal(refused(1, 0, 1_001), 'frameBytes');
    assert.equal(refused(2, 0, 101), 'eventBytes');
    assert.equal(refused(1, 1, 101), 'eventBytes');
  });
});

describe('a stock of tokens', () => {
  it('gives what it holds at once, and then so many a second', () => {
    let now = 0;
    const stock = new TokenBucket(10, 5, () => now);
    assert.equal(Array.from({ length: 20 }, () => stock.tryTake()).filter(Boolean).length, 10);
    now += 400;
    assert.deepEqual([stock.tryTake(), stock.tryTake(), stock.tryTake()], [true, true, false]);
    stock.take(5);
    assert.equal(stock.waitMs, 1_000);
    now += 3_600_000;
    assert.equal(Array.from({ length: 20 }, () => stock.tryTake()).filter(Boolean).length, 10);
  });
});
