import {
  BOOL,
  BYTES,
  DOUBLE,
  DURATION,
  INT,
  STRING,
  TIMESTAMP,
  UINT,
  listOf as listType,
  type CelType,
} from '../check/types.js';
import type { Spending } from '../evaluate/spending.js';
import { BUDGET } from '../limits.js';
import { CelError, NO_OVERLOAD, OVERFLOW, isError } from '../values/errors.js';
import { areEqual } from '../values/equality.js';
import { isList, itemAt, sizeOfList } from '../values/json.js';
import { compareValues } from '../values/order.js';
import { intOf, uintOf } from '../values/numbers.js';
import { durationOf } from '../values/time.js';
import { Bytes, CelList, Duration, Uint, Optional, type Result, type Value } from '../values/values.js';
import { optionalOf } from '../check/types.js';
import { A, any, fn, int, listOf, method, type Cost, type ListValue, type Overload } from './declare.js';

/*
 * Functions of lists: Kubernetes' own (sum, min, isSorted …) and cel-go's extension.
 */

/** The items as values; an error where one cannot be read. Each is a step. */
const itemsOf = (list: ListValue, spending: Spending): Value[] | CelError => {
  const size = sizeOfList(list);
  const over = spending.step(4 * size);
  if (over !== undefined) return over;
  const items: Value[] = [];
  for (let i = 0; i < size; i += 1) {
    const item = itemAt(list, i);
    if (isError(item)) return item;
    items.push(item);
  }
  return items;
};

/** What Kubernetes counts for walking through a value: texts a tenth of their bytes, all else one. */
const traversalCost = (value: Value, depth = 0): number => {
  if (typeof value === 'string') return Math.floor(value.length * 0.1);
  if (value instanceof Bytes) return Math.floor(value.bytes.length * 0.1);
  if (!isList(value) || depth > BUDGET.depth) return 1;
  let cost = 0;
  for (let i = 0; i < sizeOfList(value); i += 1) {
    const item = itemAt(value, i);
    cost += isError(item) ? 1 : traversalCost(item, depth + 1);
  }
  return cost;
};
const walk: Cost = ([list]) => traversalCost(list as Value);

const isSorted = (list: ListValue, spending: Spending): Result => {
  const items = itemsOf(list, spending);
  if (isError(items)) return items;
  for (const [i, item] of items.entries()) {
    if (i === 0) continue;
    const order = compareValues(items[i - 1] as Value, item);
    if (order === undefined) return NO_OVERLOAD;
    if (order > 0) return false;
  }
  return true;
};

/** The smallest item, or the greatest. */
const extreme = (list: ListValue, wanted: -1 | 1, spending: Spending): Result => {
  const items = itemsOf(list, spending);
  if (isError(items)) return items;
  const [first, ...others] = items;
  if (first === undefined) return new CelError(`${wanted < 0 ? 'min' : 'max'} called on empty list`);
  let best = first;
  for (const item of others) {
    const order = compareValues(item, best);
    if (order === undefined) return NO_OVERLOAD;
    if (order === wanted) best = item;
  }
  return best;
};

const plus = (sum: Value, item: Value): Result => {
  if (typeof sum === 'bigint') return typeof item === 'bigint' ? intOf(sum + item) : NO_OVERLOAD;
  if (typeof sum === 'number') return typeof item === 'number' ? sum + item : NO_OVERLOAD;
  if (sum instanceof Uint) return item instanceof Uint ? uintOf(sum.value + item.value) : NO_OVERLOAD;
  return sum instanceof Duration && item instanceof Duration ? durationOf(sum.nanos + item.nanos) : NO_OVERLOAD;
};

const sum = (list: ListValue, spending: Spending): Result => {
  const items = itemsOf(list, spending);
  if (isError(items)) return items;
  const [first, ...others] = items;
  // An empty list is of ints unless its type says otherwise; a zero is a zero to all comparisons.
  if (first === undefined) return 0n;
  let total: Result = plus(first, zeroOf(first));
  for (const item of others) {
    if (isError(total)) return total;
    total = plus(total, item);
  }
  return total;
};

const zeroOf = (value: Value): Value => {
  if (typeof value === 'number') return 0;
  if (value instanceof Uint) return new Uint(0n);
  return value instanceof Duration ? new Duration(0n) : 0n;
};

const indexOf = (list: ListValue, wanted: Value, fromEnd: boolean, spending: Spending): Result => {
  const items = itemsOf(list, spending);
  if (isError(items)) return items;
  for (let step = 0; step < items.length; step += 1) {
    const i = fromEnd ? items.length - 1 - step : step;
    const same = areEqual(items[i] as Value, wanted, spending);
    if (isError(same)) return same;
    if (same) return BigInt(i);
  }
  return -1n;
};

const slice = (list: ListValue, from: bigint, to: bigint, spending: Spending): Result => {
  const size = BigInt(sizeOfList(list));
  if (from < 0n || to < 0n) return new CelError(`cannot slice(${from}, ${to}), negative indexes not supported`);
  if (from > to) {
    return new CelError(`cannot slice(${from}, ${to}), start index must be less than or equal to end index`);
  }
  if (to > size) return new CelError(`cannot slice(${from}, ${to}), list is length ${size}`);
  const items = itemsOf(list, spending);
  return isError(items) ? items : made(items.slice(Number(from), Number(to)), spending);
};

const made = (items: readonly Value[], spending: Spending): Result =>
  spending.room(items.length, BUDGET.items) ?? new CelList(items);

const flattened = (list: ListValue, levels: number, spending: Spending, into: Value[]): CelError | undefined => {
  const items = itemsOf(list, spending);
  if (isError(items)) return items;
  for (const item of items) {
    if (isList(item) && levels > 0) {
      const error = flattened(item, levels - 1, spending, into);
      if (error !== undefined) return error;
    } else into.push(item);
    if (into.length > BUDGET.items) return spending.room(into.length, BUDGET.items);
  }
  return undefined;
};

const flatten = (list: ListValue, levels: bigint, spending: Spending): Result => {
  if (levels < 0n) return new CelError('level must be non-negative');
  const into: Value[] = [];
  const depth = levels > BigInt(BUDGET.depth) ? BUDGET.depth : Number(levels);
  return flattened(list, depth, spending, into) ?? made(into, spending);
};

const distinct = (list: ListValue, spending: Spending): Result => {
  const items = itemsOf(list, spending);
  if (isError(items)) return items;
  const unique: Value[] = [];
  for (const item of items) {
    let seen = false;
    for (const other of unique) {
      const same = areEqual(item, other, spending);
      if (isError(same)) return same;
      if (same) seen = true;
      if (seen) break;
    }
    if (!seen) unique.push(item);
  }
  return made(unique, spending);
};

/** The items in the order of their keys. Also what `sortBy` calls. */
export const sortByKeys = (items: readonly Value[], keys: readonly Value[], spending: Spending): Result => {
  const over = spending.step(items.length * Math.ceil(Math.log2(items.length + 2)));
  if (over !== undefined) return over;
  const mixed = keys.some((key) => compareValues(keys[0] as Value, key) === undefined || typeof key !== typeof keys[0]);
  if (mixed) return new CelError('list elements must have the same type');
  const order = keys.map((_, i) => i).sort((i, j) => compareValues(keys[i] as Value, keys[j] as Value) ?? 0);
  return made(
    order.map((i) => items[i] as Value),
    spending,
  );
};

/** A sort or a search for equal items, as Kubernetes counts them: by the square of the length. */
export const squareCost = (list: ListValue): number => {
  const size = sizeOfList(list);
  const first = size === 0 ? null : itemAt(list, 0);
  const factor = typeof first === 'string' || first instanceof Bytes ? 2.1 : 2;
  return 11 + Math.ceil(size * size * factor);
};
const square: Cost = ([list]) => squareCost(list as ListValue);
const linear: Cost = ([list]) => 11 + sizeOfList(list as ListValue);

const range = (count: bigint, spending: Spending): Result => {
  if (count < 0n) return new CelError(`lists.range: size must be non-negative, got ${count}`);
  const over = spending.room(Number(count), BUDGET.items) ?? spending.step(4 * Number(count));
  return over ?? new CelList(Array.from({ length: Number(count) }, (_, i) => BigInt(i)));
};

const end = (list: ListValue, last: boolean): Result => {
  const size = sizeOfList(list);
  if (size === 0) return Optional.none;
  const item = itemAt(list, last ? size - 1 : 0);
  return isError(item) ? item : new Optional(item);
};

const COMPARABLE: readonly CelType[] = [INT, UINT, DOUBLE, BOOL, DURATION, TIMESTAMP, STRING, BYTES];
const SUMMABLE: readonly CelType[] = [INT, UINT, DOUBLE, DURATION];
const list = listOf(A);
const LIST = listType(A);

export const LIST_FUNCTIONS: readonly Overload[] = [
  ...COMPARABLE.flatMap((item) => [
    method('isSorted', [listOf(item)], BOOL, ([items], spending) => isSorted(items, spending), { cost: walk }),
    method('min', [listOf(item)], item, ([items], spending) => extreme(items, -1, spending), { cost: walk }),
    method('max', [listOf(item)], item, ([items], spending) => extreme(items, 1, spending), { cost: walk }),
    method('sort', [listOf(item)], listType(item), ([items], spending) => sort(items, spending), {
      since: 34,
      cost: square,
    }),
  ]),
  ...SUMMABLE.map((item) =>
    method('sum', [listOf(item)], item, ([items], spending) => sum(items, spending), { cost: walk }),
  ),
  method('indexOf', [list, any], INT, ([items, x], spending) => indexOf(items, x, false, spending), { cost: walk }),
  method('lastIndexOf', [list, any], INT, ([items, x], spending) => indexOf(items, x, true, spending), { cost: walk }),
  method('slice', [list, int, int], LIST, ([items, from, to], spending) => slice(items, from, to, spending), {
    since: 34,
    cost: ([, from, to]) => 11 + Math.max(0, Math.min(Number(to) - Number(from), BUDGET.items)),
  }),
  method('flatten', [listOf(listType(A))], LIST, ([items], spending) => flatten(items, 1n, spending), {
    since: 34,
    cost: linear,
  }),
  method(
    'flatten',
    [listOf({ kind: 'dyn' }), int],
    listType({ kind: 'dyn' }),
    ([items, n], spending) => flatten(items, n, spending),
    {
      since: 34,
      cost: ([items, n]) => 11 + sizeOfList(items as ListValue) * Math.max(1, Math.min(Number(n), BUDGET.depth)),
    },
  ),
  method('distinct', [list], LIST, ([items], spending) => distinct(items, spending), { since: 34, cost: square }),
  method(
    'reverse',
    [list],
    LIST,
    ([items], spending) => {
      const all = itemsOf(items, spending);
      return isError(all) ? all : made(all.reverse(), spending);
    },
    { since: 34, cost: linear },
  ),
  method('first', [list], optionalOf(A), ([items]) => end(items, false), { since: 34 }),
  method('last', [list], optionalOf(A), ([items]) => end(items, true), { since: 34 }),
  fn('lists.range', [int], listType(INT), ([n], spending) => range(n, spending), {
    since: 34,
    cost: ([n]) => 11 + Math.max(0, Math.min(Number(n), BUDGET.items)),
  }),
];

function sort(items: ListValue, spending: Spending): Result {
  const all = itemsOf(items, spending);
  if (isError(all)) return all;
  return all.some((item) => compareValues(item, item) === undefined && !Number.isNaN(item))
    ? OVERFLOW
    : sortByKeys(all, all, spending);
}
