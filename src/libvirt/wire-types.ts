/** The structures that several procedures share, from libvirt's `remote_protocol.x` and `virnetprotocol.x`. */
import { double, hyper, int, list, optional, struct, text, truth, uhyper, uint, type Codec } from './codec.js';
import type { Domain, Snapshot } from './domain.js';
import { XdrError } from './errors.js';

export type { Domain, Snapshot } from './domain.js';

/** REMOTE_STRING_MAX: the longest string of the protocol, in bytes. */
export const STRING_MAX = 4_194_304;
/** REMOTE_DOMAIN_LIST_MAX */
export const DOMAIN_LIST_MAX = 16_384;

export const string = text(STRING_MAX);
export const optionalString = optional(string);

const UUID_BYTES = 16;
const UUID_TEXT = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;

/** A UUID as text, `8-4-4-4-12` in lower case when read; dashes may be missing when written. */
export const uuid: Codec<string> = {
  encode: (writer, value) => {
    if (!UUID_TEXT.test(value))
      throw new XdrError(`"${value}" is not a UUID such as 01234567-89ab-cdef-0123-456789abcdef`);
    writer.fixedOpaque(Buffer.from(value.replaceAll('-', ''), 'hex'));
  },
  decode: (reader) => {
    const hex = reader.fixedOpaque(UUID_BYTES).toString('hex');
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
  },
};

/** remote_nonnull_domain */
export const domain: Codec<Domain> = struct({ name: string, uuid, id: int });

/** remote_nonnull_domain_snapshot */
export const snapshot: Codec<Snapshot> = struct({ name: string, domain });

/** remote_nonnull_network; only errors carry it, and no longer fill it. */
const network = struct({ name: string, uuid });

/** virNetMessageError */
export const errorMessage = struct({
  code: int,
  domain: int,
  message: optionalString,
  level: int,
  dom: optional(domain),
  str1: optionalString,
  str2: optionalString,
  str3: optionalString,
  int1: int,
  int2: int,
  net: optional(network),
});

/** The value of a typed parameter: 32-bit and floating numbers, 64-bit integers, truth values, text. */
export type TypedValue = number | bigint | boolean | string;

const valueCodecs = new Map<number, Codec<TypedValue>>([
  [1, int],
  [2, uint],
  [3, hyper],
  [4, uhyper],
  [5, double],
  [6, truth],
  [7, string],
] as [number, Codec<TypedValue>][]);

/** remote_typed_param. Only read here: no procedure of the table takes typed parameters. */
const typedParameter: Codec<readonly [string, TypedValue]> = {
  encode: () => {
    throw new XdrError('typed parameters are only read');
  },
  decode: (reader) => {
    const field = reader.string(STRING_MAX);
    const type = reader.int();
    const codec = valueCodecs.get(type);
    if (!codec) throw new XdrError(`typed parameter "${field}" has the unknown type ${type}`);
    return [field, codec.decode(reader)];
  },
};

/** Named values of which the daemon decides which exist. */
export type TypedParameters = ReadonlyMap<string, TypedValue>;

/**
 * A list of typed parameters, at most `max`. libvirt repeats names only in migration parameters, which are not read
 * here.
 */
export function typedParameters(max: number): Codec<TypedParameters> {
  const items = list(typedParameter, max);
  return {
    encode: (writer, value) => items.encode(writer, [...value]),
    decode: (reader) => new Map(items.decode(reader)),
  };
}

/** Named counters of the node, at most `max`. */
export function namedNumbers(max: number): Codec<ReadonlyMap<string, bigint>> {
  const items = list(struct({ name: string, value: uhyper }), max);
  return {
    encode: (writer, value) =>
      items.encode(
        writer,
        Array.from(value, ([name, number]) => ({ name, value: number })),
      ),
    decode: (reader) => new Map(items.decode(reader).map(({ name, value }) => [name, value])),
  };
}
