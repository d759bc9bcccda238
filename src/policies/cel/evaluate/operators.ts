import type { BinaryOperator } from '../parse/node.js';
import { traversal } from '../functions/declare.js';
import { BUDGET } from '../limits.js';
import { DIVISION_BY_ZERO, MODULUS_BY_ZERO, NO_OVERLOAD, isError } from '../values/errors.js';
import { areEqual } from '../values/equality.js';
import { isList, isMap, itemAt, memberOf, sizeOfList, sizeOfMap } from '../values/json.js';
import { intOf, uintOf } from '../values/numbers.js';
import { compareValues } from '../values/order.js';
import { durationOf, timestampOf } from '../values/time.js';
import { Bytes, CelList, Duration, Timestamp, Uint, type Result, type Value } from '../values/values.js';
import type { Spending } from './spending.js';

/*
 * What the operators do. The units of each are spent before.
 */

type Operate = (left: Value, right: Value, spending: Spending) => Result;

/** Texts by their units: counting code points would be a walk for each comparison, and only pairs differ. */
const sizeOf = (value: Value, spending: Spending): number => {
  if (typeof value === 'string') return value.length;
  if (isList(value)) return sizeOfList(value);
  if (value instanceof Bytes) return value.bytes.length;
  return isMap(value) ? sizeOfMap(value, spending) : 1;
};

const addLists = (left: Value, right: Value, spending: Spending): Result => {
  if (!isList(left) || !isList(right)) return NO_OVERLOAD;
  const size = sizeOfList(left) + sizeOfList(right);
  const over = spending.room(size, BUDGET.items) ?? spending.step(4 + 4 * size) ?? spending.spend(1);
  if (over !== undefined) return over;
  const items: Value[] = [];
  for (const list of [left, right]) {
    for (let i = 0; i < sizeOfList(list); i += 1) {
      const item = itemAt(list, i);
      if (isError(item)) return item;
      items.push(item);
    }
  }
  return new CelList(items);
};

const addTexts = (left: string, right: string, spending: Spending): Result => {
  const over =
    spending.room(left.length + right.length, BUDGET.text) ?? spending.spend(traversal(left.length + right.length));
  return over ?? left + right;
};

const addBytes = (left: Bytes, right: Bytes, spending: Spending): Result => {
  const size = left.bytes.length + right.bytes.length;
  const over = spending.room(size, BUDGET.text) ?? spending.spend(traversal(size));
  if (over !== undefined) return over;
  const sum = new Uint8Array(size);
  sum.set(left.bytes);
  sum.set(right.bytes, left.bytes.length);
  return new Bytes(sum);
};

const addTimes = (left: Value, right: Value): Result => {
  if (left instanceof Duration && right instanceof Duration) return durationOf(left.nanos + right.nanos);
  if (left instanceof Timestamp && right instanceof Duration) return timestampOf(left.nanos + right.nanos);
  return left instanceof Duration && right instanceof Timestamp ? timestampOf(left.nanos + right.nanos) : NO_OVERLOAD;
};

const add: Operate = (left, right, spending) => {
  if (typeof left === 'string') return typeof right === 'string' ? addTexts(left, right, spending) : NO_OVERLOAD;
  if (left instanceof Bytes) return right instanceof Bytes ? addBytes(left, right, spending) : NO_OVERLOAD;
  if (isList(left)) return addLists(left, right, spending);
  const over = spending.spend(1);
  if (over !== undefined) return over;
  if (typeof left === 'bigint') return typeof right === 'bigint' ? intOf(left + right) : NO_OVERLOAD;
  if (typeof left === 'number') return typeof right === 'number' ? left + right : NO_OVERLOAD;
  if (left instanceof Uint) return right instanceof Uint ? uintOf(left.value + right.value) : NO_OVERLOAD;
  return addTimes(left, right);
};

const subtractTimes = (left: Value, right: Value): Result => {
  if (left instanceof Duration && right instanceof Duration) return durationOf(left.nanos - right.nanos);
  if (left instanceof Timestamp && right instanceof Duration) return timestampOf(left.nanos - right.nanos);
  return left instanceof Timestamp && right instanceof Timestamp ? durationOf(left.nanos - right.nanos) : NO_OVERLOAD;
};

/** An operator of numbers: of two ints, two doubles, two uints. */
const arithmetic =
  (
    ints: (left: bigint, right: bigint) => Result,
    doubles: ((left: number, right: number) => number) | undefined,
    uints: (left: bigint, right: bigint) => Result,
    others: (left: Value, right: Value) => Result = () => NO_OVERLOAD,
  ): Operate =>
  (left, right, spending) => {
    const over = spending.spend(1);
    if (over !== undefined) return over;
    if (typeof left === 'bigint') return typeof right === 'bigint' ? ints(left, right) : NO_OVERLOAD;
    if (typeof left === 'number' && doubles !== undefined) {
      return typeof right === 'number' ? doubles(left, right) : NO_OVERLOAD;
    }
    if (left instanceof Uint) return right instanceof Uint ? uints(left.value, right.value) : NO_OVERLOAD;
    return others(left, right);
  };

/** Texts are compared by their characters, lists and maps by their members; one for each ten. */
const equalityCost = (left: Value, right: Value, spending: Spending): number =>
  traversal(Math.min(sizeOf(left, spending), sizeOf(right, spending)));

const equal: Operate = (left, right, spending) =>
  spending.spend(equalityCost(left, right, spending)) ?? areEqual(left, right, spending);

const unequal: Operate = (left, right, spending) => {
  const same = equal(left, right, spending);
  return typeof same === 'boolean' ? !same : same;
};

const ordered =
  (holds: (order: -1 | 0 | 1) => boolean): Operate =>
  (left, right, spending) => {
    const texts = typeof left === 'string' || left instanceof Bytes;
    const over = spending.spend(texts ? traversal(Math.min(sizeOf(left, spending), sizeOf(right, spending))) : 1);
    if (over !== undefined) return over;
    if (Number.isNaN(left) || Number.isNaN(right)) return isNumber(left) && isNumber(right) ? false : NO_OVERLOAD;
    const order = compareValues(left, right);
    return order === undefined ? NO_OVERLOAD : holds(order);
  };

const isNumber = (value: Value): boolean =>
  typeof value === 'number' || typeof value === 'bigint' || value instanceof Uint;

const contained: Operate = (left, right, spending) => {
  if (isList(right)) {
    const size = sizeOfList(right);
    const over = spending.spend(size);
    if (over !== undefined) return over;
    for (let i = 0; i < size; i += 1) {
      const item = itemAt(right, i);
      if (isError(item)) return item;
      const same = areEqual(left, item, spending);
      if (same !== false) return same;
    }
    return false;
  }
  const over = spending.spend(1);
  if (over !== undefined) return over;
  if (!isMap(right)) return NO_OVERLOAD;
  const found = memberOf(right, left);
  // A number that JSON has rounded is there all the same.
  return isError(found) && typeof left !== 'string' ? found : found !== undefined;
};

export const OPERATORS: Readonly<Record<BinaryOperator, Operate>> = {
  '+': add,
  '-': arithmetic(
    (left, right) => intOf(left - right),
    (left, right) => left - right,
    (left, right) => uintOf(left - right),
    subtractTimes,
  ),
  '*': arithmetic(
    (left, right) => intOf(left * right),
    (left, right) => left * right,
    (left, right) => uintOf(left * right),
  ),
  '/': arithmetic(
    (left, right) => (right === 0n ? DIVISION_BY_ZERO : intOf(left / right)),
    (left, right) => left / right,
    (left, right) => (right === 0n ? DIVISION_BY_ZERO : uintOf(left / right)),
  ),
  '%': arithmetic(
    (left, right) => (right === 0n ? MODULUS_BY_ZERO : right === -1n ? intOf(remainder(left)) : left % right),
    undefined,
    (left, right) => (right === 0n ? MODULUS_BY_ZERO : uintOf(left % right)),
  ),
  '==': equal,
  '!=': unequal,
  '<': ordered((order) => order < 0),
  '<=': ordered((order) => order <= 0),
  '>': ordered((order) => order > 0),
  '>=': ordered((order) => order >= 0),
  in: contained,
};

/** The smallest int has no positive, so cel-go calls its remainder by -1 an overflow. */
const remainder = (left: bigint): bigint => (left === -(2n ** 63n) ? 2n ** 63n : 0n);

export const negate = (value: Value): Result => {
  if (typeof value === 'bigint') return intOf(-value);
  return typeof value === 'number' ? -value : NO_OVERLOAD;
};
