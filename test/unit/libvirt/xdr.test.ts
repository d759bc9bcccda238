import assert from 'node:assert/strict';
import fc from 'fast-check';
import { XdrError } from '../../../src/libvirt/errors.js';
import { XdrReader, XdrWriter } from '../../../src/libvirt/xdr.js';
import { packet } from './packets.js';

function written(write: (writer: XdrWriter) => void): Buffer {
  const writer = new XdrWriter();
  write(writer);
  return Buffer.from(writer.finish());
}

describe('libvirt: XDR', () => {
  it('writes big-endian items padded to four bytes', () => {
    const bytes = written((writer) => {
      writer.int(-2);
      writer.uhyper(0x1_0000_0002n);
      writer.string('abcde', 10);
    });
    const expected = packet(`
      ff ff ff fe              # int -2
      00 00 00 01 00 00 00 02  # unsigned hyper 2^32 + 2
      00 00 00 05              # string: 5 bytes
      61 62 63 64 65 00 00 00  # "abcde", padding
    `);
    assert.deepEqual(bytes, expected);
  });

  it('reads back what it wrote', () => {
    const items = fc.record(
      {
        int: fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff }),
        uint: fc.integer({ min: 0, max: 0xffff_ffff }),
        hyper: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
        uhyper: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
        double: fc.double({ noNaN: true }),
        text: fc.string({ unit: 'grapheme', maxLength: 300 }).filter((text) => !text.includes('\0')),
        bytes: fc.uint8Array({ maxLength: 700 }),
      },
      { noNullPrototype: true },
    );
    fc.assert(
      fc.property(items, (value) => {
        const bytes = written((writer) => {
          writer.int(value.int);
          writer.uint(value.uint);
          writer.hyper(value.hyper);
          writer.uhyper(value.uhyper);
          writer.double(value.double);
          writer.string(value.text, 10_000);
          writer.opaque(value.bytes, 700);
        });
        assert.equal(bytes.length % 4, 0);
        const reader = new XdrReader(bytes);
        const read = {
          int: reader.int(),
          uint: reader.uint(),
          hyper: reader.hyper(),
          uhyper: reader.uhyper(),
          double: reader.double(),
          text: reader.string(10_000),
          bytes: new Uint8Array(reader.opaque(700)),
        };
        reader.end();
        assert.deepEqual(read, value);
      }),
    );
  });

  for (const [what, write, message] of [
    ['an int over 31 bits', (w: XdrWriter) => w.int(2 ** 31), /2147483648 is not an integer from -2147483648/],
    ['a fraction', (w: XdrWriter) => w.uint(0.5), /0.5 is not an integer/],
    ['NaN', (w: XdrWriter) => w.uint(NaN), /NaN is not an integer/],
    ['a hyper over 63 bits', (w: XdrWriter) => w.hyper(2n ** 63n), /does not fit a signed 64-bit/],
    ['a negative unsigned hyper', (w: XdrWriter) => w.uhyper(-1n), /does not fit an unsigned 64-bit/],
    [
      'a string over the limit',
      (w: XdrWriter) => w.string('äää', 5),
      /6 bytes are more than the protocol's limit of 5/,
    ],
    ['a string with a NUL', (w: XdrWriter) => w.string('a\0b', 5), /NUL/],
  ] as const) {
    it(`refuses to write ${what}`, () => {
      assert.throws(
        () => write(new XdrWriter()),
        (error) => error instanceof XdrError && message.test(error.message),
      );
    });
  }

  for (const [what, bytes, read, message] of [
    ['an int that is cut off', '00 00 00', (r: XdrReader) => r.int(), /needs 4 bytes at offset 0, but only 3/],
    ['a boolean of 2', '00 00 00 02', (r: XdrReader) => r.bool(), /a boolean has the value 2/],
    ['a length over the limit', '00 00 00 09 00', (r: XdrReader) => r.string(8), /length 9 .* limit of 8/],
    ['a length beyond the end', '00 00 00 05 61', (r: XdrReader) => r.string(8), /length 5 .* only 1 bytes follow/],
    ['a length of 4 GiB', 'ff ff ff ff', (r: XdrReader) => r.opaque(2 ** 32), /only 0 bytes follow/],
    ['missing padding', '00 00 00 01 61', (r: XdrReader) => r.string(8), /padding needs 3 bytes/],
    ['padding that is not zero', '00 00 00 01 61 62 00 00', (r: XdrReader) => r.string(8), /padding is not zero/],
    ['bytes behind the end', '00 00 00 01 61', endAfterInt, /1 bytes too many at offset 4/],
  ] as const) {
    it(`refuses to read ${what}`, () => {
      const reader = new XdrReader(packet(bytes));
      assert.throws(
        () => read(reader),
        (error) => error instanceof XdrError && message.test(error.message),
      );
    });
  }
});

function endAfterInt(reader: XdrReader): void {
  reader.int();
  reader.end();
}
