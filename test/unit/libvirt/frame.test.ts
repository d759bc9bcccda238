import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ProtocolError } from '../../../src/libvirt/errors.js';
import { FRAME_MAX } from '../../../src/libvirt/frame-size.js';
import { encodeFrame, encodeRawFrame, type Frame } from '../../../src/libvirt/frame.js';
import { FrameSplitter } from '../../../src/libvirt/frame-splitter.js';
import { procedures } from '../../../src/libvirt/procedures.js';
import { consoleData, lifecycleStarted, lookupTest, noDomain, packet, ping } from './packets.js';

const split = (...chunks: readonly Buffer[]): Frame[] => {
  const splitter = new FrameSplitter();
  return chunks.flatMap((chunk) => [...splitter.push(chunk)]);
};

describe('libvirt: frames', () => {
  it('writes a call as libvirt expects it', () => {
    const header = { program: 0x2000_8086, procedure: 23, type: 0, serial: 5, status: 0 };
    const expected = packet(`
      00 00 00 24  # length 36
      20 00 80 86  # program remote
      00 00 00 01  # version 1
      00 00 00 17  # procedure 23, lookup by name
      00 00 00 00  # type 0, call
      00 00 00 05  # serial 5
      00 00 00 00  # status 0, ok
      00 00 00 04  # name: 4 bytes
      74 65 73 74  # "test"
    `);
    assert.deepEqual(encodeFrame(header, procedures.domainLookupByName.args, { name: 'test' }), expected);
  });

  it('cuts the stream of bytes into the same frames wherever it is split', () => {
    const bytes = Buffer.concat([lookupTest, ping, noDomain, consoleData, lifecycleStarted]);
    const whole = split(bytes);
    assert.deepEqual(
      whole.map((frame) => frame.procedure),
      [23, 1, 23, 201, 318],
    );
    for (let at = 0; at <= bytes.length; at++) {
      assert.deepEqual(split(bytes.subarray(0, at), bytes.subarray(at)), whole, `split at ${at}`);
    }
    assert.deepEqual(split(...Array.from(bytes, (byte) => Buffer.from([byte]))), whole, 'byte by byte');
  });

  it('reads back any frames in any pieces', () => {
    const word = fc.integer({ min: 0, max: 0x7fff_ffff });
    const frame = fc.record(
      {
        program: word,
        procedure: word,
        type: fc.integer({ min: 0, max: 6 }),
        serial: word,
        status: fc.integer({ min: 0, max: 2 }),
        payload: fc.uint8Array({ maxLength: 200 }),
      },
      { noNullPrototype: true },
    );
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 6 }), fc.array(fc.nat(2_000)), (frames, cuts) => {
        const bytes = Buffer.concat(frames.map((one) => encodeRawFrame(one, one.payload)));
        const places = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b), bytes.length];
        const chunks = places.slice(1).map((end, index) => bytes.subarray(places[index], end));
        const read = split(...chunks).map((one) => ({ ...one, payload: new Uint8Array(one.payload) }));
        assert.deepEqual(read, frames);
      }),
    );
  });

  for (const [what, start] of [
    ['of 27 bytes', '00 00 00 1b'],
    ['of 0 bytes', '00 00 00 00'],
    ['over 32 MiB', '02 00 00 05'],
    ['of 4 GiB', 'ff ff ff ff'],
  ] as const) {
    it(`refuses a frame ${what} on the word of its length`, () => {
      assert.throws(
        () => split(packet(start)),
        (error) => error instanceof ProtocolError && /possible are 28 to/.test(error.message),
      );
    });
  }

  it('keeps only what came while a large frame is announced', () => {
    const splitter = new FrameSplitter();
    const length = Buffer.alloc(4);
    length.writeUInt32BE(FRAME_MAX);
    assert.deepEqual([...splitter.push(length)], []);
    assert.equal(splitter.buffered, 4);
  });

  for (const [what, offset, value, message] of [
    ['another version', 8, 2, /has version 2/],
    ['an unknown type', 16, 7, /unknown message type 7/],
    ['an unknown status', 24, 3, /unknown message status 3/],
  ] as const) {
    it(`refuses ${what}`, () => {
      const bytes = Buffer.from(ping);
      bytes.writeUInt32BE(value, offset);
      assert.throws(
        () => split(bytes),
        (error) => error instanceof ProtocolError && message.test(error.message),
      );
    });
  }

  it('never fails in any other way on random bytes', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 100 }), { maxLength: 10 }), (chunks) => {
        try {
          split(...chunks.map((chunk) => Buffer.from(chunk)));
        } catch (error) {
          assert.ok(error instanceof ProtocolError, String(error));
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
