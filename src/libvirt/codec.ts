/**
 * Codecs: small values that know how to write and read one XDR type, and combine into larger ones. The procedure table
 * (`procedures.ts`) is written in them, so that a procedure's arguments and results are typed by their wire format.
 */
import { XdrError } from './errors.js';
import type { XdrReader, XdrWriter } from './xdr.js';

/** Writes and reads one XDR type. */
export interface Codec<T> {
  encode(writer: XdrWriter, value: T): void;
  decode(reader: XdrReader): T;
}

/** The JavaScript type that a codec carries. */
export type ValueOf<C> = C extends Codec<infer T> ? T : never;

/** No bytes at all. */
export const nothing: Codec<void> = { encode: () => undefined, decode: () => undefined };

export const int: Codec<number> = {
  encode: (writer, value) => writer.int(value),
  decode: (reader) => reader.int(),
};

export const uint: Codec<number> = {
  encode: (writer, value) => writer.uint(value),
  decode: (reader) => reader.uint(),
};

/** 64-bit integers are bigints: a vCPU's nanoseconds pass 2^53 after 104 days. */
export const hyper: Codec<bigint> = {
  encode: (writer, value) => writer.hyper(value),
  decode: (reader) => reader.hyper(),
};

export const uhyper: Codec<bigint> = {
  encode: (writer, value) => writer.uhyper(value),
  decode: (reader) => reader.uhyper(),
};

export const double: Codec<number> = {
  encode: (writer, value) => writer.double(value),
  decode: (reader) => reader.double(),
};

/** C's `int` used as a truth value: any non-zero is true. */
export const truth: Codec<boolean> = {
  encode: (writer, value) => writer.int(value ? 1 : 0),
  decode: (reader) => reader.int() !== 0,
};

/** Text of at most `max` bytes of UTF-8. */
export const text = (max: number): Codec<string> => ({
  encode: (writer, value) => writer.string(value, max),
  decode: (reader) => reader.string(max),
});

/** Bytes of a variable length, at most `max`. The decoded buffer is a view of the message. */
export const bytes = (max: number): Codec<Uint8Array> => ({
  encode: (writer, value) => writer.opaque(value, max),
  decode: (reader) => reader.opaque(max),
});

/** Text in a field of `length` characters, which XDR writes as one word each. It ends at the first NUL. */
export const characters = (length: number): Codec<string> => ({
  encode: (writer, value) => {
    const codes = Buffer.from(value, 'utf8');
    if (codes.length > length) throw new XdrError(`"${value}" has more than ${length} bytes`);
    for (let index = 0; index < length; index++) writer.int(codes[index] ?? 0);
  },
  decode: (reader) => {
    const codes: number[] = [];
    for (let index = 0; index < length; index++) codes.push(reader.int());
    return textOfCharacters(codes);
  },
});

/** C's characters as text, to the first NUL. */
export function textOfCharacters(codes: readonly number[]): string {
  const end = codes.indexOf(0);
  return Buffer.from(end < 0 ? codes : codes.slice(0, end)).toString('utf8');
}

/** A value that may be absent: `undefined` in JavaScript. */
export const optional = <T>(codec: Codec<T>): Codec<T | undefined> => ({
  encode: (writer, value) => {
    writer.uint(value === undefined ? 0 : 1);
    if (value !== undefined) codec.encode(writer, value);
  },
  decode: (reader) => (reader.bool() ? codec.decode(reader) : undefined),
});

/** A list of at most `max` items. */
export const list = <T>(codec: Codec<T>, max: number): Codec<readonly T[]> => ({
  encode: (writer, value) => {
    if (value.length > max) throw new XdrError(`${value.length} items are more than the protocol's limit of ${max}`);
    writer.uint(value.length);
    for (const item of value) codec.encode(writer, item);
  },
  decode: (reader) => {
    const length = reader.count(max);
    const items: T[] = [];
    for (let index = 0; index < length; index++) items.push(codec.decode(reader));
    return items;
  },
});

type Fields = Record<string, Codec<unknown>>;
type Struct<F extends Fields> = { readonly [K in keyof F]: ValueOf<F[K]> };

/** Fields one after the other, in the order written here. */
export function struct<F extends Fields>(fields: F): Codec<Struct<F>> {
  const entries = Object.entries(fields);
  return {
    encode: (writer, value) => {
      for (const [name, codec] of entries) encodeField(writer, name, codec, value[name]);
    },
    decode: (reader) => {
      const value: Record<string, unknown> = {};
      for (const [name, codec] of entries) value[name] = codec.decode(reader);
      return value as Struct<F>;
    },
  };
}

/** Names the field in the error, so that a wrong argument is found without a debugger. */
function encodeField(writer: XdrWriter, name: string, codec: Codec<unknown>, value: unknown): void {
  try {
    codec.encode(writer, value);
  } catch (error) {
    if (error instanceof XdrError) throw new XdrError(`${name}: ${error.message}`);
    throw error;
  }
}
