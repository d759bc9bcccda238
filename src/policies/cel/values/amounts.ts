import { Quantity, tryQuantity } from '../../../api/quantity.js';
import { MAX_INT, MIN_INT } from './values.js';

/*
 * How Kubernetes holds a quantity, which expressions can see: as an integer of 64 bits with a power of ten, or as a
 * decimal of any length. Only the first is an integer to `isInteger()`, and only where its power is none below 0:
 * `1.0`, `2000m` and `1.5Gi` are none.
 */

interface Amount {
  readonly value: bigint;
  readonly scale: number;
  /** Not of any length. */
  readonly isInt64: boolean;
}

/** By quantity: those of expressions are made here alone. */
const amounts = new WeakMap<Quantity, Amount>();

const PARTS = /^([+-]?)0*(\d*)(?:\.(\d*))?(.*)$/;
const BINARY = ['Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
const DECIMAL = new Map(['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'].map((suffix, i) => [suffix, 3 * i - 9]));
/** Decimal digits that surely fit. */
const DIGITS = 18;
const NANO = -9;

const fits = (value: bigint): boolean => value >= MIN_INT && value <= MAX_INT;

/** Decimals are kept in nanos, but for the largest that there is. */
const decimal = ({ nanos, format }: Quantity): Amount => {
  const whole = nanos / 10n ** 9n;
  const isCapped = format === 'binary' && (whole === MAX_INT || whole === -MAX_INT) && nanos % 10n ** 9n === 0n;
  return isCapped ? { value: whole, scale: 0, isInt64: false } : { value: nanos, scale: NANO, isInt64: false };
};

const read = (text: string, quantity: Quantity): Amount => {
  const [, sign = '', digits = '', fraction = '', suffix = ''] = PARTS.exec(text) ?? [];
  const whole = digits === '' ? '0' : digits;
  const power = BINARY.indexOf(suffix) + 1;
  const size = whole.length + fraction.length;
  // A binary one of few enough digits, without a point.
  const most = power === 0 ? DIGITS : fraction === '' ? 14 - Math.floor(3 * power) : -1;
  const exponent = power > 0 ? 0 : (DECIMAL.get(suffix) ?? Number(suffix.slice(1)));
  const scale = exponent - fraction.length;
  if (size > most || scale < NANO) return decimal(quantity);
  const value = BigInt(whole + fraction) << BigInt(10 * power);
  return fits(value) ? { value: sign === '-' ? -value : value, scale, isInt64: true } : decimal(quantity);
};

const scaled = (value: bigint, by: number): bigint | undefined => {
  const made = value * 10n ** BigInt(by);
  return fits(made) ? made : undefined;
};

const sum = (a: Amount, b: Amount): Amount => {
  const scale = Math.min(a.scale, b.scale);
  const exact = a.value * 10n ** BigInt(a.scale - scale) + b.value * 10n ** BigInt(b.scale - scale);
  const ofDecimals: Amount = { value: exact, scale, isInt64: false };
  if (!a.isInt64 || !b.isInt64) return ofDecimals;
  if (b.value === 0n) return a;
  if (a.value === 0n) return b;
  const one = scaled(a.value, a.scale - scale);
  const other = scaled(b.value, b.scale - scale);
  return one !== undefined && other !== undefined && fits(exact) ? { value: exact, scale, isInt64: true } : ofDecimals;
};

const amountOf = (quantity: Quantity): Amount => amounts.get(quantity) ?? decimal(quantity);

const withAmount = (quantity: Quantity, amount: Amount): Quantity => {
  amounts.set(quantity, amount);
  return quantity;
};

/** The quantity of a text; undefined where it is none. */
export const quantityOf = (text: string): Quantity | undefined => {
  const quantity = tryQuantity(text);
  if (quantity !== undefined && !amounts.has(quantity)) amounts.set(quantity, read(text, quantity));
  return quantity;
};

const ofInt = (units: bigint): Quantity =>
  withAmount(Quantity.of(units, 'exponent'), { value: units, scale: 0, isInt64: true });

export const addQuantity = (quantity: Quantity, other: Quantity | bigint): Quantity => {
  const second = typeof other === 'bigint' ? ofInt(other) : other;
  return withAmount(quantity.add(second), sum(amountOf(quantity), amountOf(second)));
};

export const subtractQuantity = (quantity: Quantity, other: Quantity | bigint): Quantity => {
  const second = typeof other === 'bigint' ? ofInt(other) : other;
  const { value, ...rest } = amountOf(second);
  return withAmount(quantity.sub(second), sum(amountOf(quantity), { ...rest, value: -value }));
};

/** As an int, where Kubernetes calls it one. */
export const integerOf = (quantity: Quantity): bigint | undefined => {
  const { value, scale, isInt64 } = amountOf(quantity);
  if (!isInt64 || scale < 0) return undefined;
  return scaled(value, scale);
};

/** With Kubernetes' rounding: a double times a power of ten. */
export const doubleOf = (quantity: Quantity): number => {
  const { value, scale } = amountOf(quantity);
  return scale === 0 ? Number(value) : Number(value) * Number(`1e${scale}`);
};
