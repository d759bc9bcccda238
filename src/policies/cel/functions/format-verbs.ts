import type { Spending } from '../evaluate/spending.js';
import { BUDGET } from '../limits.js';
import { CelError, TOO_DEEP, isError } from '../values/errors.js';
import { isList, isMap, itemAt, keysOf, memberOf, sizeOfList } from '../values/json.js';
import { kindOf, typeNameOf, type Kind } from '../values/kinds.js';
import { parseDouble, printDouble } from '../values/numbers.js';
import { compareTexts } from '../values/text.js';
import { printDuration, printTimestamp } from '../values/time.js';
import { Bytes, Duration, Timestamp, TypeValue, Uint, type Result, type Value } from '../values/values.js';

/*
 * The clauses of a format: %s %d %f %e %b %x %X %o.
 */

export interface Verb {
  /** What it prints. */
  readonly kinds: readonly Kind[];
  readonly print: (value: Value, precision: number | undefined, spending: Spending) => string | CelError;
}

const DEFAULT_PRECISION = 6;

const wrongKind = (verb: string, value: Value): CelError =>
  new CelError(`error during formatting: ${verb} clause cannot print a ${typeNameOf(value)}`);

/** As Go rounds: what lies in the middle goes to the even digit, where JavaScript takes the larger one. */
const fixed = (value: number, precision: number): string => {
  if (!Number.isFinite(value)) return printDouble(value);
  // toFixed writes an exponent from 1e21 on, and stops at a hundred digits.
  if (Math.abs(value) >= 1e21) return `${BigInt(value)}${precision === 0 ? '' : `.${'0'.repeat(precision)}`}`;
  const digits = Math.min(precision, 70);
  const longer = value.toFixed(digits + 30);
  const isMiddle = /[02468]\.?50{29}$/.test(longer);
  const text = isMiddle ? longer.slice(0, digits === 0 ? -31 : -30) : value.toFixed(digits);
  return text + '0'.repeat(precision - digits);
};

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const scalarText = (value: Value): string | CelError | undefined => {
  if (typeof value === 'string') return value;
  if (value === null || typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return printDouble(value);
  if (value instanceof Uint) return value.value.toString();
  if (value instanceof Timestamp) return printTimestamp(value);
  if (value instanceof Duration) return printDuration(value);
  if (value instanceof TypeValue) return value.name;
  if (!(value instanceof Bytes)) return undefined;
  try {
    return decoder.decode(value.bytes);
  } catch {
    return new CelError('invalid UTF-8 in bytes, cannot convert to string');
  }
};

/** As Go's %q. */
const goQuoted = (text: string): string => JSON.stringify(text).replace(/\\u00([01][0-9a-f]|7f)/g, '\\x$1');

/** A member of a list or map, as a literal of CEL. */
const literal = (value: Value, spending: Spending, depth: number): string | CelError => {
  if (typeof value === 'string') return goQuoted(value);
  if (typeof value === 'number') {
    return Number.isFinite(value) ? fixed(value, DEFAULT_PRECISION) : `"${printDouble(value)}"`;
  }
  if (value instanceof Timestamp) return `timestamp("${printTimestamp(value)}")`;
  if (value instanceof Duration) return `duration("${printDuration(value)}")`;
  const text = written(value, spending, depth);
  return value instanceof Bytes && !isError(text) ? `b${goQuoted(text)}` : text;
};

const members = (values: readonly Result[], spending: Spending, depth: number): string[] | CelError => {
  const texts: string[] = [];
  let length = 0;
  for (const value of values) {
    const text = isError(value) ? value : literal(value, spending, depth + 1);
    if (isError(text)) return text;
    length += text.length;
    const over = spending.room(length, BUDGET.text);
    if (over !== undefined) return over;
    texts.push(text);
  }
  return texts;
};

const written = (value: Value, spending: Spending, depth = 0): string | CelError => {
  const scalar = scalarText(value);
  if (scalar !== undefined) return scalar;
  if (depth > BUDGET.depth) return TOO_DEEP;
  if (isList(value)) {
    const items = Array.from({ length: sizeOfList(value) }, (_, i) => itemAt(value, i));
    const texts = members(items, spending, depth);
    return isError(texts) ? texts : `[${texts.join(', ')}]`;
  }
  if (!isMap(value)) return wrongKind('string', value);
  const keys = keysOf(value, spending);
  const names = members(keys, spending, depth);
  if (isError(names)) return names;
  const texts = members(
    keys.map((key) => memberOf(value, key) ?? null),
    spending,
    depth,
  );
  if (isError(texts)) return texts;
  const pairs = names.map((name, i): [string, string] => [name, `${name}:${texts[i] ?? ''}`]);
  pairs.sort(([one], [other]) => compareTexts(one, other));
  return `{${pairs.map(([, pair]) => pair).join(', ')}}`;
};

/** The number of a clause for doubles; their names may be given as texts. */
const doubleOf = (value: Value): number | undefined => {
  if (typeof value === 'number') return value;
  if (value !== 'NaN' && value !== 'Infinity' && value !== '-Infinity') return undefined;
  const number = parseDouble(value);
  return isError(number) ? undefined : number;
};

const special = (value: number): string => (Number.isNaN(value) ? 'NaN' : value > 0 ? '∞' : '-∞');

/** In groups of three digits, as English writes them: that is how Kubernetes' version prints. */
const grouped = (text: string): string => {
  const [whole = '', ...fraction] = text.split('.');
  return [whole.replace(/\B(?=(\d{3})+$)/g, ','), ...fraction].join('.');
};

const SUPERSCRIPT = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** 1.052033 × 10⁰³: likewise. */
const scientific = (value: number, precision: number): string => {
  const [digits = '', exponent = '0'] = value.toExponential(Math.min(precision, 100)).split('e');
  const raised = exponent
    .replace(/^[+-]/, '')
    .padStart(2, '0')
    .replace(/\d/g, (digit) => SUPERSCRIPT.charAt(Number(digit)));
  return `${digits}\u202f×\u202f10${exponent.startsWith('-') ? '⁻' : ''}${raised}`;
};

const hex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

const inBase =
  (verb: string, base: 2 | 8 | 16, kinds: readonly Kind[], upper = false): Verb['print'] =>
  (value) => {
    if (!kinds.includes(kindOf(value))) return wrongKind(verb, value);
    const text =
      typeof value === 'boolean'
        ? String(Number(value))
        : typeof value === 'bigint'
          ? value.toString(base)
          : value instanceof Uint
            ? value.value.toString(base)
            : hex(value instanceof Bytes ? value.bytes : encoder.encode(value as string));
    return upper ? text.toUpperCase() : text;
  };

const encoder = new TextEncoder();
const DOUBLES: readonly Kind[] = ['double', 'string'];
const BINARY: readonly Kind[] = ['int', 'uint', 'bool'];
const OCTAL: readonly Kind[] = ['int', 'uint'];
const HEX: readonly Kind[] = ['int', 'uint', 'string', 'bytes'];
const TEXTS: readonly Kind[] = [
  'list',
  'map',
  'int',
  'uint',
  'double',
  'bool',
  'string',
  'timestamp',
  'bytes',
  'duration',
  'type',
  'null',
];

const ofDouble =
  (verb: string, print: (value: number, precision: number) => string): Verb['print'] =>
  (value, precision = DEFAULT_PRECISION) => {
    const number = doubleOf(value);
    if (number === undefined) return wrongKind(verb, value);
    return Number.isFinite(number) ? print(number, precision) : special(number);
  };

const decimal: Verb['print'] = (value) => {
  if (typeof value === 'bigint') return value.toString();
  return value instanceof Uint ? value.value.toString() : wrongKind('decimal', value);
};

export const VERBS: ReadonlyMap<string, Verb> = new Map<string, Verb>([
  ['s', { kinds: TEXTS, print: (value, _, spending) => written(value, spending) }],
  ['d', { kinds: OCTAL, print: decimal }],
  ['f', { kinds: DOUBLES, print: ofDouble('fixed-point', (value, precision) => grouped(fixed(value, precision))) }],
  ['e', { kinds: DOUBLES, print: ofDouble('scientific', scientific) }],
  ['b', { kinds: BINARY, print: inBase('binary', 2, BINARY) }],
  ['o', { kinds: OCTAL, print: inBase('octal', 8, OCTAL) }],
  ['x', { kinds: HEX, print: inBase('hex', 16, HEX) }],
  ['X', { kinds: HEX, print: inBase('hex', 16, HEX, true) }],
]);
