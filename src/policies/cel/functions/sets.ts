import { BOOL } from '../check/types.js';
import type { Spending } from '../evaluate/spending.js';
import { areEqual } from '../values/equality.js';
import { isError, type CelError } from '../values/errors.js';
import { itemAt, sizeOfList } from '../values/json.js';
import type { Result, Value } from '../values/values.js';
import { A, fn, listOf, type Cost, type ListValue, type Overload } from './declare.js';

/*
 * cel-go's sets: lists whose order and repetitions do not count.
 */

const has = (list: ListValue, wanted: Value, spending: Spending): boolean | CelError => {
  for (let i = 0; i < sizeOfList(list); i += 1) {
    const item = itemAt(list, i);
    if (isError(item)) return item;
    const same = areEqual(item, wanted, spending);
    if (same !== false) return same;
  }
  return false;
};

/** Whether all items of a list are in another, or any of them is. */
const compare = (list: ListValue, items: ListValue, all: boolean, spending: Spending): Result => {
  for (let i = 0; i < sizeOfList(items); i += 1) {
    const item = itemAt(items, i);
    if (isError(item)) return item;
    const found = has(list, item, spending);
    if (isError(found)) return found;
    if (found !== all) return found;
  }
  return all;
};

const equivalent = (one: ListValue, other: ListValue, spending: Spending): Result => {
  const there = compare(one, other, true, spending);
  return there === true ? compare(other, one, true, spending) : there;
};

const product =
  (factor: number): Cost =>
  ([one, other]) =>
    1 + factor * sizeOfList(one as ListValue) * sizeOfList(other as ListValue);

const list = listOf(A);

export const SET_FUNCTIONS: readonly Overload[] = [
  fn('sets.contains', [list, list], BOOL, ([a, b], spending) => compare(a, b, true, spending), {
    since: 29,
    cost: product(1),
  }),
  fn('sets.intersects', [list, list], BOOL, ([a, b], spending) => compare(a, b, false, spending), {
    since: 29,
    cost: product(1),
  }),
  fn('sets.equivalent', [list, list], BOOL, ([a, b], spending) => equivalent(a, b, spending), {
    since: 29,
    cost: product(2),
  }),
];
