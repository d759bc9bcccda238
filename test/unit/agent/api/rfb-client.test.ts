import assert from 'node:assert/strict';
import fc from 'fast-check';
import { RfbClient } from '../../../../src/agent/api/rfb-client.js';

const bytes = (...values: (number | string)[]): Buffer =>
  Buffer.concat(
    values.map((value) => (typeof value === 'string' ? Buffer.from(value, 'latin1') : Buffer.from([value]))),
  );
const HELLO = bytes('RFB 003.008\n', 1, 0);
/** As QEMU sees it: shared, whatever the viewer asks for. */
const SEEN_HELLO = bytes('RFB 003.008\n', 1, 1);

const ALLOWED = {
  SetPixelFormat: Buffer.concat([bytes(0), Buffer.alloc(19)]),
  SetEncodings: bytes(2, 0, 0, 2, '\0\0\0\x00', '\xff\xff\xff\x21'),
  FramebufferUpdateRequest: bytes(3, 1, '\0\0\0\0\x02\xd0\x01\x90'),
};
const INPUT = {
  KeyEvent: bytes(4, 1, 0, 0, '\0\0\0a'),
  PointerEvent: bytes(5, 1, 0, 9, 0, 9),
  ClientCutText: bytes(6, 0, 0, 0, 0, 0, 0, 5, 'hello'),
  'the extended clipboard': bytes(6, 0, 0, 0, 0xff, 0xff, 0xff, 0xfc, '\x10\0\0\x01'),
  'no cut text': bytes(6, 0, 0, 0, 0, 0, 0, 0),
  'xvp: reset': bytes(250, 0, 1, 4),
  SetDesktopSize: Buffer.concat([bytes(251, 0, 4, 0, 3, 0, 2, 0), Buffer.alloc(32)]),
  'QEMU: a key': Buffer.concat([bytes(255, 0, 0, 1), Buffer.alloc(8)]),
  'QEMU: sound on': bytes(255, 1, 0, 0),
  'QEMU: sound off': bytes(255, 1, 0, 1),
  'QEMU: format of sound': Buffer.concat([bytes(255, 1, 0, 2), Buffer.alloc(6)]),
};

/** What QEMU gets of somebody who looks on. */
const watched = (chunks: readonly Buffer[]): Buffer => {
  const viewer = new RfbClient(false);
  return Buffer.concat(chunks.map((chunk) => Buffer.from(viewer.take(chunk))));
};

describe('a viewer that looks on', () => {
  it('asks for pictures, and shares the screen whatever it says', () => {
    const all = Object.values(ALLOWED);
    assert.deepEqual(watched([HELLO, ...all]), Buffer.concat([SEEN_HELLO, ...all]));
    const old = bytes('RFB 003.003\n', 0);
    assert.deepEqual(watched([old]), bytes('RFB 003.003\n', 1));
  });

  for (const [name, message] of Object.entries(INPUT)) {
    it(`does nothing to the guest by ${name}`, () => {
      const { FramebufferUpdateRequest: request } = ALLOWED;
      assert.deepEqual(watched([HELLO, message, request, message]), Buffer.concat([SEEN_HELLO, request]));
    });
  }

  it('is the same in whatever pieces its bytes come', () => {
    const messages = fc.array(fc.constantFrom(...Object.entries({ ...ALLOWED, ...INPUT })), { maxLength: 20 });
    fc.assert(
      fc.property(messages, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), (sent, sizes) => {
        const whole = Buffer.concat([HELLO, ...sent.map(([, message]) => message)]);
        const chunks: Buffer[] = [];
        for (let at = 0, index = 0; at < whole.length; index += 1) {
          const size = sizes[index % sizes.length]!;
          chunks.push(whole.subarray(at, at + size));
          at += size;
        }
        const passing = sent.filter(([name]) => Object.hasOwn(ALLOWED, name)).map(([, message]) => message);
        assert.deepEqual(watched(chunks), Buffer.concat([SEEN_HELLO, ...passing]));
      }),
    );
  });

  it('ends with a message that nobody sends who looks on, and before the guest has a byte of it', () => {
    for (const message of [
      ...[1, 7, 127, 150, 248, 249, 252, 254].map((type) => bytes(type, '\0\0\0\0\0\0\0\0\0\0\0\0')),
      bytes(255, 2, 0, 0),
      bytes(255, 1, 0, 3),
      bytes(2, 0, 0xff, 0xff),
      bytes(6, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff),
      bytes(6, 0, 0, 0, 0x80, 0, 0, 0),
    ]) {
      const viewer = new RfbClient(false);
      assert.deepEqual(viewer.take(HELLO), SEEN_HELLO);
      assert.throws(() => viewer.take(message), /not known here|nobody sends|at most/, message.toString('hex'));
    }
  });

  it('greets as RFB has it, or ends', () => {
    for (const hello of [bytes('GET / HTTP/1.1\r\n\r\n'), bytes('RFB 004.000\n'), bytes('RFB 003.008\n', 19)])
      assert.throws(() => watched([hello]), /not known here/);
  });

  it('gets nothing to the guest by any bytes but what asks for pictures', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), (chunks) => {
        const viewer = new RfbClient(false);
        let out = Buffer.from(viewer.take(HELLO)).subarray(SEEN_HELLO.length);
        try {
          for (const chunk of chunks) out = Buffer.concat([out, viewer.take(Buffer.from(chunk))]);
        } catch {
          // Its stream has ended.
        }
        while (out.length > 0) {
          assert.ok([0, 2, 3].includes(out[0]!), out.toString('hex'));
          const length = out[0] === 0 ? 20 : out[0] === 3 ? 10 : 4 + 4 * out.readUInt16BE(2);
          out = out.subarray(length);
        }
      }),
    );
  });
});

describe('a viewer that drives', () => {
  it('sends what it likes, and throws nobody out', () => {
    const viewer = new RfbClient(true);
    const rest = Buffer.concat([...Object.values(INPUT), bytes(150, 1, 2, 3)]);
    assert.deepEqual(Buffer.concat([viewer.take(HELLO), viewer.take(rest)]), Buffer.concat([SEEN_HELLO, rest]));
  });

  it('is QEMU’s to refuse where it greets in another way', () => {
    const hello = bytes('RFB 003.889\n', 30, 'what ever');
    const other = bytes('HELLO, HELLO, HELLO');
    for (const sent of [hello, other]) assert.deepEqual(Buffer.from(new RfbClient(true).take(sent)), sent);
  });
});
