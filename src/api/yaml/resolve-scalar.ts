import type { ScalarNode } from './node.js';
import { YamlSyntaxError } from './syntax-error.js';

/*
 * What a scalar means to kubectl: go-yaml's second version, which is YAML 1.1 without base 60 (source:
 * gopkg.in/yaml.v2, resolve.go and decode.go).
 */

export type ScalarValue = string | number | boolean | null;
export type ScalarType = 'text' | 'integer' | 'float' | 'boolean' | 'null';

export interface Resolved {
  readonly type: ScalarType;
  readonly value: ScalarValue;
}

const words = (text: string, value: boolean | null): [string, boolean | null][] =>
  text.split(' ').map((word) => [word, value]);
const WORDS: ReadonlyMap<string, boolean | null> = new Map([
  ...words('y Y yes Yes YES true True TRUE on On ON', true),
  ...words('n N no No NO false False FALSE off Off OFF', false),
  ...words('~ null Null NULL', null),
  ['', null] as const,
]);
const NOT_FINITE = /^(\.nan|\.NaN|\.NAN|[-+]?\.(inf|Inf|INF))$/;
const INTEGER = /^[-+]?(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9][0-9]*)$/;
const FLOAT = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/;
/** The largest whole number of Go's uint64 and the smallest of its int64; what is beyond is a float. */
const MAX_INTEGER = 2n ** 64n - 1n;
const MIN_INTEGER = -(2n ** 63n);
/** Digits of what may be an integer: 64 bits in base 2, with zeros before them. */
const MAX_DIGITS = 4096;

const textOf = (value: string): Resolved => ({ type: 'text', value });

const readInteger = (plain: string): bigint | undefined => {
  if (!INTEGER.test(plain) || plain.length > MAX_DIGITS) return undefined;
  const negative = plain.startsWith('-');
  const digits = plain.replace(/^[-+]/, '');
  const octal = /^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits.toLowerCase();
  const value = BigInt(octal);
  return negative ? -value : value;
};

const readNumber = (text: string): Resolved | undefined => {
  // go-yaml takes the underscores out wherever they are, but not from what begins with a point.
  const plain = text.startsWith('.') ? text : text.replaceAll('_', '');
  const integer = readInteger(plain);
  const signed = plain.startsWith('-') || plain.startsWith('+');
  const limit = signed && !plain.startsWith('-') ? 2n ** 63n - 1n : MAX_INTEGER;
  if (integer !== undefined && integer >= MIN_INTEGER && integer <= limit)
    return { type: 'integer', value: Number(integer) };
  const float = FLOAT.test(plain) ? Number(plain) : Infinity;
  // What is too large for a float stays a text.
  return Number.isFinite(float) ? { type: 'float', value: float === 0 ? 0 : float } : undefined;
};

/** What a plain text means. */
export const resolvePlain = (text: string): Resolved | { readonly type: 'not-finite' } => {
  const word = WORDS.get(text);
  if (word !== undefined) return { type: word === null ? 'null' : 'boolean', value: word };
  if (NOT_FINITE.test(text)) return { type: 'not-finite' };
  if (!/^[-+.0-9]/.test(text)) return textOf(text);
  return readNumber(text) ?? textOf(text);
};

const PREFIX = 'tag:yaml.org,2002:';

const fullTag = (tag: string): string => {
  if (tag.startsWith('!<')) return tag.slice(2, -1);
  return tag.startsWith('!!') ? PREFIX + tag.slice(2) : tag;
};

const isTimestamp = (text: string): boolean =>
  /^\d{4}-\d{1,2}-\d{1,2}([Tt ]\d{1,2}:\d{1,2}:\d{1,2}(\.\d+)?(Z|[-+]\d{2}:\d{2})?)?$/.test(text);

const decode = (text: string, fail: () => never): string => {
  const data = text.replaceAll(/[\r\n]/g, '');
  if (!/^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(data)) fail();
  return Buffer.from(data, 'base64').toString('utf8');
};

const TYPES: Readonly<Record<string, readonly string[]>> = {
  bool: ['boolean'],
  int: ['integer'],
  float: ['float', 'integer', 'not-finite'],
  null: ['null'],
};

/** A scalar's value. @throws YamlSyntaxError where its tag says what it is not, and for what JSON has no number for */
export const resolveScalar = (node: ScalarNode): Resolved => {
  const { tag, text, style, start } = node;
  const fail = (): never => {
    throw new YamlSyntaxError('tag-value', start);
  };
  const plain = (): Resolved => {
    const resolved = resolvePlain(text);
    if (resolved.type === 'not-finite') throw new YamlSyntaxError('not-finite', start);
    return resolved;
  };
  if (tag === undefined) return style === 'plain' ? plain() : textOf(text);
  const full = fullTag(tag);
  if (/^![^!]+!/.test(full)) throw new YamlSyntaxError('tag', start);
  if (full === `${PREFIX}binary`) return textOf(decode(text, fail));
  if (full === `${PREFIX}timestamp`) return isTimestamp(text) ? textOf(text) : fail();
  const name = full.startsWith(PREFIX) ? full.slice(PREFIX.length) : '';
  const allowed = Object.hasOwn(TYPES, name) ? TYPES[name] : undefined;
  // Any other tag is one of somebody's own, and its value a text.
  if (allowed === undefined) return textOf(text);
  const resolved = resolvePlain(text);
  if (!allowed.includes(resolved.type)) return fail();
  return plain();
};

/** Whether a text, written without quotes, would be read as something else. */
export const needsQuotes = (text: string): boolean => resolvePlain(text).type !== 'text' || text === '<<';
