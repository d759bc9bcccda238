import { Quantity } from '../../../api/quantity.js';
import type { Spending } from '../evaluate/spending.js';
import { CelError, TOO_DEEP } from './errors.js';
import { IpAddress, IpPrefix } from './ip.js';
import { isList, isMap, itemAt, keysOf, memberOf, sizeOfList, sizeOfMap } from './json.js';
import { Semver } from './semver.js';
import { compareNumbers, numberOf } from './order.js';
import { ParsedUrl } from './url.js';
import { Bytes, Duration, NamedFormat, Optional, Timestamp, TypeValue, type Value, CelMap } from './values.js';
import { BUDGET } from '../limits.js';

/*
 * Whether two values are equal: numbers across their types, lists and maps by their members. What differs in type is
 * not equal, and no error. Each member that is compared is a step.
 */

const sameBytes = (one: Uint8Array, other: Uint8Array): boolean =>
  one.length === other.length && one.every((byte, i) => byte === other[i]);

type Same = boolean | CelError;

/** Measured: what a member costs beside the comparison of its values. */
const LIST_STEPS = 3;
const MAP_STEPS = 24;

const sameLists = (one: Value, other: Value, spending: Spending, depth: number): Same => {
  if (!isList(one) || !isList(other)) return false;
  // What is JSON holds no NaN: it is equal to itself.
  if (one === other && Array.isArray(one)) return true;
  const size = sizeOfList(one);
  if (size !== sizeOfList(other)) return false;
  for (let i = 0; i < size; i += 1) {
    const over = spending.step(LIST_STEPS);
    if (over !== undefined) return over;
    const a = itemAt(one, i);
    const b = itemAt(other, i);
    if (a instanceof CelError) return a;
    if (b instanceof CelError) return b;
    const same = areEqual(a, b, spending, depth + 1);
    if (same !== true) return same;
  }
  return true;
};

const sameMaps = (one: Value, other: Value, spending: Spending, depth: number): Same => {
  if (!isMap(one) || !isMap(other)) return false;
  if (one === other && !(one instanceof CelMap)) return true;
  if (sizeOfMap(one, spending) !== sizeOfMap(other, spending)) return false;
  for (const key of keysOf(one, spending)) {
    const over = spending.step(MAP_STEPS);
    if (over !== undefined) return over;
    const a = memberOf(one, key);
    const b = typeof key === 'string' || other instanceof CelMap ? memberOf(other, key) : undefined;
    if (a === undefined || b === undefined) return false;
    if (a instanceof CelError) return a;
    if (b instanceof CelError) return b;
    const same = areEqual(a, b, spending, depth + 1);
    if (same !== true) return same;
  }
  return true;
};

const sameObjects = (one: object, other: Value): boolean => {
  if (one instanceof Quantity) return other instanceof Quantity && one.equals(other);
  if (one instanceof Duration) return other instanceof Duration && one.nanos === other.nanos;
  if (one instanceof Timestamp) return other instanceof Timestamp && one.nanos === other.nanos;
  if (one instanceof TypeValue) return other instanceof TypeValue && one.name === other.name;
  if (one instanceof Bytes) return other instanceof Bytes && sameBytes(one.bytes, other.bytes);
  if (one instanceof IpAddress) return other instanceof IpAddress && one.equals(other);
  if (one instanceof IpPrefix) return other instanceof IpPrefix && one.equals(other);
  if (one instanceof ParsedUrl) return other instanceof ParsedUrl && one.text === other.text;
  if (one instanceof Semver) return other instanceof Semver && one.equals(other);
  return one instanceof NamedFormat && one === other;
};

const sameOptionals = (one: Optional, other: Value, spending: Spending, depth: number): Same => {
  if (!(other instanceof Optional)) return false;
  if (one.value === undefined || other.value === undefined) return one.value === other.value;
  return areEqual(one.value, other.value, spending, depth + 1);
};

export const areEqual = (one: Value, other: Value, spending: Spending, depth = 0): Same => {
  if (depth > BUDGET.depth) return TOO_DEEP;
  const over = spending.step(3);
  if (over !== undefined) return over;
  if (typeof one === 'string' || typeof one === 'boolean' || one === null) return one === other;
  const number = numberOf(one);
  if (number !== undefined) {
    const otherNumber = numberOf(other);
    return (
      otherNumber !== undefined &&
      compareNumbers(number, otherNumber) === 0 &&
      !Number.isNaN(number) &&
      !Number.isNaN(otherNumber)
    );
  }
  if (typeof one !== 'object') return false;
  if (one instanceof Optional) return sameOptionals(one, other, spending, depth);
  if (isList(one)) return sameLists(one, other, spending, depth);
  if (isMap(one)) return sameMaps(one, other, spending, depth);
  return sameObjects(one, other);
};
