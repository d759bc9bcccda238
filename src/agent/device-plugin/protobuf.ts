/**
 * As much of protobuf's wire format as the device plugin API has: strings, booleans and messages by field number.
 * Source: protobuf.dev/programming-guides/encoding.
 */

/**
 * A field on its way out; a nested message is a list of fields. Empty strings and false are left out, as proto3 does.
 */
export type Field = readonly [number: number, value: string | boolean | readonly Field[]];

const VARINT = 0;
const LENGTH = 2;
const MAX_VARINT_BYTES = 10;

const varint = (value: number): number[] => {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest % 128) + 128);
  }
};

export const encodeMessage = (fields: readonly Field[]): Buffer => Buffer.concat(fields.map(encodeField));

const encodeField = ([number, value]: Field): Buffer => {
  if (value === '' || value === false) return Buffer.alloc(0);
  if (value === true) return Buffer.from([...varint(number * 8 + VARINT), 1]);
  const bytes = typeof value === 'string' ? Buffer.from(value, 'utf8') : encodeMessage(value);
  return Buffer.concat([Buffer.from([...varint(number * 8 + LENGTH), ...varint(bytes.length)]), bytes]);
};

/** The length-delimited fields of a message, in order; numbers are skipped. @throws RangeError when it is cut off */
export const decodeMessage = (message: Buffer): { readonly field: number; readonly value: Buffer }[] => {
  const found: { field: number; value: Buffer }[] = [];
  let at = 0;
  const number = (): number => {
    let value = 0;
    for (let index = 0; index < MAX_VARINT_BYTES; index += 1) {
      const byte = message[at];
      if (byte === undefined) break;
      at += 1;
      value += (byte & 127) * 2 ** (7 * index);
      if (byte < 128) return value;
    }
    throw new RangeError('a protobuf number is cut off');
  };
  const take = (length: number): Buffer => {
    if (at + length > message.length) throw new RangeError('a protobuf field is cut off');
    at += length;
    return message.subarray(at - length, at);
  };
  while (at < message.length) {
    const tag = number();
    const field = Math.floor(tag / 8);
    switch (tag % 8) {
      case VARINT:
        number();
        break;
      case LENGTH:
        found.push({ field, value: take(number()) });
        break;
      case 1:
        take(8);
        break;
      case 5:
        take(4);
        break;
      default:
        throw new RangeError(`protobuf wire type ${tag % 8} is not known`);
    }
  }
  return found;
};
