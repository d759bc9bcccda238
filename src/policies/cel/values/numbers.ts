import { CelError, OVERFLOW, noConversion as notA } from './errors.js';
import { MAX_INT, MAX_UINT, MIN_INT, Uint } from './values.js';

/*
 * Numbers of 64 bits, and how Go reads and prints them.
 */

export const intOf = (value: bigint): bigint | CelError => (value > MAX_INT || value < MIN_INT ? OVERFLOW : value);

const UINT_OVERFLOW = new CelError('unsigned integer overflow');

export const uintOf = (value: bigint): Uint | CelError =>
  value > MAX_UINT || value < 0n ? UINT_OVERFLOW : new Uint(value);

/** The doubles between which an int is; both ends are out, as in cel-go. */
const INT_DOUBLE = 2 ** 63;
const UINT_DOUBLE = 2 ** 64;

export const doubleToInt = (value: number): bigint | CelError =>
  Number.isFinite(value) && value > -INT_DOUBLE && value < INT_DOUBLE ? BigInt(Math.trunc(value)) : OVERFLOW;

export const doubleToUint = (value: number): Uint | CelError =>
  Number.isFinite(value) && value >= 0 && value < UINT_DOUBLE ? new Uint(BigInt(Math.trunc(value))) : UINT_OVERFLOW;

const INTEGER = /^[+-]?\d{1,64}$/;
const UNSIGNED = /^\d{1,64}$/;

export const parseInt64 = (text: string): bigint | CelError => {
  if (!INTEGER.test(text)) return notA('int');
  const value = intOf(BigInt(text.replace('+', '')));
  return typeof value === 'bigint' ? value : notA('int');
};

export const parseUint64 = (text: string): Uint | CelError => {
  if (!UNSIGNED.test(text)) return notA('uint');
  const value = uintOf(BigInt(text));
  return value instanceof Uint ? value : notA('uint');
};

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const WORDS: ReadonlyMap<string, number> = new Map([
  ['nan', Number.NaN],
  ['inf', Infinity],
  ['+inf', Infinity],
  ['-inf', -Infinity],
  ['infinity', Infinity],
  ['+infinity', Infinity],
  ['-infinity', -Infinity],
]);

export const parseDouble = (text: string): number | CelError => {
  const word = text.length <= 9 ? WORDS.get(text.toLowerCase()) : undefined;
  if (word !== undefined) return word;
  // Longer texts hold no more than a double does, and take long to read.
  if (text.length > 1000 || !DECIMAL.test(text)) return notA('double');
  const value = Number(text);
  return Number.isFinite(value) ? value : notA('double');
};

const TRUE = new Set(['1', 't', 'T', 'TRUE', 'true', 'True']);
const FALSE = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False']);

export const parseBool = (text: string): boolean | CelError => {
  if (TRUE.has(text)) return true;
  return FALSE.has(text) ? false : notA('bool');
};

/** As Go's `%g` with the fewest digits that give the number back. */
export const printDouble = (value: number): string => {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const [digits = '', exponent = '0'] = value.toExponential().split('e');
  const power = Number(exponent);
  return power >= -4 && power < 6 ? value.toString() : scientific(digits, power);
};

const scientific = (digits: string, power: number): string =>
  `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
