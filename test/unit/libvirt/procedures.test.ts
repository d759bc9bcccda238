import assert from 'node:assert/strict';
import fc from 'fast-check';
import { characters, type Codec } from '../../../src/libvirt/codec.js';
import { domainEvents } from '../../../src/libvirt/domain-events.js';
import { XdrError } from '../../../src/libvirt/errors.js';
import { procedures } from '../../../src/libvirt/procedures.js';
import { domain, errorMessage, typedParameters, uuid } from '../../../src/libvirt/wire-types.js';
import { XdrReader, XdrWriter } from '../../../src/libvirt/xdr.js';
import { lifecycleStarted, lookupTest, noDomain, packet } from './packets.js';

const decode = <T>(codec: Codec<T>, bytes: Buffer): T => {
  const reader = new XdrReader(bytes);
  const value = codec.decode(reader);
  reader.end();
  return value;
};

const results = Object.entries(procedures).map(([name, { result }]) => [name, result as Codec<unknown>] as const);
const messages = Object.entries(domainEvents).map(([name, { message }]) => [name, message as Codec<unknown>] as const);
const everything = [...results, ...messages, ['errorMessage', errorMessage as Codec<unknown>] as const];

/** Random bytes that look like XDR often enough to get deep: mostly small words. */
const hostile = fc
  .array(fc.oneof({ weight: 5, arbitrary: fc.nat(8) }, { weight: 1, arbitrary: fc.nat(0xffff_ffff) }), {
    maxLength: 60,
  })
  .map((words) => {
    const bytes = Buffer.alloc(words.length * 4);
    words.forEach((word, index) => bytes.writeUInt32BE(word, index * 4));
    return bytes;
  });

describe('libvirt: the procedure table', () => {
  it('has every procedure and event once', () => {
    const calls = Object.values(procedures).map(({ program, number }) => `${program}/${number}`);
    assert.equal(new Set(calls).size, calls.length);
    const events = Object.values(domainEvents);
    assert.deepEqual(
      events.map(({ id }) => id),
      [...events.keys()],
    );
    assert.equal(new Set(events.map(({ procedure }) => procedure)).size, events.length);
  });

  it('reads a domain, an error and an event of a real daemon', () => {
    const test = { name: 'test', uuid: '6695eb01-f6a4-8304-79aa-97f2502e193f' };
    assert.deepEqual(decode(domain, lookupTest.subarray(28)), { ...test, id: 1 });
    assert.deepEqual(decode(domainEvents.lifecycle.message, lifecycleStarted.subarray(28)), {
      callbackId: 3,
      domain: { ...test, id: 2 },
      event: 2,
      detail: 0,
    });
    assert.deepEqual(decode(errorMessage, noDomain.subarray(28)), {
      code: 42,
      domain: 12,
      message: 'Domain not found',
      level: 2,
      dom: undefined,
      str1: 'Domain not found: %s',
      str2: 'ghost',
      str3: 's3',
      int1: -1,
      int2: 7,
      net: undefined,
    });
  });

  it('reads typed parameters of all types, also with odd names', () => {
    const bytes = packet(`
      00 00 00 04                                      # four parameters
      00 00 00 01 61 00 00 00 00 00 00 01 ff ff ff ff  # "a", int, -1
      00 00 00 01 62 00 00 00 00 00 00 04 ff ff ff ff ff ff ff ff  # "b", unsigned hyper, 2^64 - 1
      00 00 00 01 63 00 00 00 00 00 00 06 00 00 00 01  # "c", boolean, true
      00 00 00 09 5f 5f 70 72 6f 74 6f 5f 5f 00 00 00 00 00 00 07 00 00 00 01 78 00 00 00  # "__proto__", string "x"
    `);
    assert.deepEqual(
      [...decode(typedParameters(4), bytes)],
      [
        ['a', -1],
        ['b', 2n ** 64n - 1n],
        ['c', true],
        ['__proto__', 'x'],
      ],
    );
    assert.throws(() => decode(typedParameters(3), bytes), /length 4 at offset 0 is over the protocol's limit of 3/);
    assert.throws(() => decode(typedParameters(9), packet('00000001 00000001 61000000 00000008 00000000')), /type 8/);
  });

  it('reads C characters, which are a word each, to the first NUL', () => {
    const bytes = packet('00000069 00000036 00000038 00000036 00000000 00000041');
    assert.equal(decode(characters(6), bytes), 'i686');
    assert.throws(() => decode(characters(7), bytes), XdrError);
    const writer = new XdrWriter();
    characters(6).encode(writer, 'i686');
    assert.equal(decode(characters(6), writer.finish()), 'i686');
    assert.throws(() => characters(3).encode(new XdrWriter(), 'i686'), /more than 3 bytes/);
  });

  it('calls each procedure in errors by its key', () => {
    for (const [key, { name }] of Object.entries(procedures)) {
      if (!key.startsWith('event')) assert.equal(name, key);
    }
  });

  it('names the argument that does not fit', () => {
    const args = { domain: { name: 'x', uuid: 'none', id: 1 }, flags: 0 };
    assert.throws(
      () => procedures.domainGetState.args.encode(new XdrWriter(), args),
      /^XdrError: domain: uuid: "none" is not/,
    );
    const writer = new XdrWriter();
    assert.throws(() => procedures.domainCreateXML.args.encode(writer, { xml: '<a/>', flags: -1 }), /flags: -1 is not/);
  });

  it('reads a UUID as it was written, dashes or not', () => {
    const writer = new XdrWriter();
    uuid.encode(writer, '6695EB01F6A4830479AA97F2502E193F');
    assert.equal(decode(uuid, writer.finish()), '6695eb01-f6a4-8304-79aa-97f2502e193f');
  });

  it('survives random bytes in every reply, event and error', () => {
    fc.assert(
      fc.property(fc.constantFrom(...everything), hostile, ([name, codec], bytes) => {
        try {
          decode(codec, bytes);
        } catch (error) {
          assert.ok(error instanceof XdrError, `${name}: ${String(error)}`);
        }
      }),
      { numRuns: 5_000 },
    );
  });

  it('survives a real message with one byte changed or its end cut off', () => {
    const samples = [
      [domain, lookupTest],
      [errorMessage, noDomain],
      [domainEvents.lifecycle.message, lifecycleStarted],
    ] as const;
    for (const [codec, message] of samples) {
      const payload = message.subarray(28);
      for (let at = 0; at < payload.length; at++) {
        for (const value of [0x00, 0x01, 0x7f, 0xff]) {
          const mutated = Buffer.from(payload);
          mutated[at] = value;
          onlyXdrErrors(() => decode(codec as Codec<unknown>, mutated));
        }
        assert.throws(() => decode(codec as Codec<unknown>, payload.subarray(0, at)), XdrError);
      }
    }
  });
});

function onlyXdrErrors(run: () => unknown): void {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof XdrError, String(error));
  }
}
