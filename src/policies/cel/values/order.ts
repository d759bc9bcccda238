import { compareTexts } from './text.js';
import { Bytes, Duration, Timestamp, Uint, type Value } from './values.js';

/*
 * The order of values: numbers across their types, everything else with its own.
 */

const compareBytes = (one: Uint8Array, other: Uint8Array): -1 | 0 | 1 => {
  for (let i = 0; i < one.length && i < other.length; i += 1) {
    const [a, b] = [one[i] ?? 0, other[i] ?? 0];
    if (a !== b) return a < b ? -1 : 1;
  }
  return sign(one.length, other.length);
};

const sign = (one: bigint | number, other: bigint | number): -1 | 0 | 1 => (one < other ? -1 : one > other ? 1 : 0);

/** A whole number beside a double is made one first, as in cel-go: 2^63 - 1 is 2^63 then. */
export const compareNumbers = (one: bigint | number, other: bigint | number): -1 | 0 | 1 => {
  if (typeof one === typeof other) return sign(one, other);
  return sign(Number(one), Number(other));
};

export const numberOf = (value: Value): bigint | number | undefined => {
  if (typeof value === 'bigint' || typeof value === 'number') return value;
  return value instanceof Uint ? value.value : undefined;
};

/** Undefined where two values have no order; NaN has none with anything. */
export const compareValues = (one: Value, other: Value): -1 | 0 | 1 | undefined => {
  if (typeof one === 'string') return typeof other === 'string' ? compareTexts(one, other) : undefined;
  if (typeof one === 'boolean') return typeof other === 'boolean' ? sign(Number(one), Number(other)) : undefined;
  const number = numberOf(one);
  if (number !== undefined) {
    const otherNumber = numberOf(other);
    return otherNumber === undefined ? undefined : compareNumbers(number, otherNumber);
  }
  if (one instanceof Duration) return other instanceof Duration ? sign(one.nanos, other.nanos) : undefined;
  if (one instanceof Timestamp) return other instanceof Timestamp ? sign(one.nanos, other.nanos) : undefined;
  if (one instanceof Bytes) return other instanceof Bytes ? compareBytes(one.bytes, other.bytes) : undefined;
  return undefined;
};
