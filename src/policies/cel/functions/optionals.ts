import { Bytes, CelList, Duration, Optional, Timestamp, Uint, type Result, type Value } from '../values/values.js';
import { BOOL, listOf as listType, optionalOf } from '../check/types.js';
import type { Spending } from '../evaluate/spending.js';
import { CelError, isError } from '../values/errors.js';
import { isList, isMap, itemAt, sizeOfList, sizeOfMap } from '../values/json.js';
import { A, any, fn, listOf, method, optional, type ListValue, type Overload } from './declare.js';

/*
 * Values that may be absent.
 */

const since = 28;

/** The first second of the year 1, which Go's zero time is. */
const ZERO_TIME = -62_135_596_800_000_000_000n;

const isZero = (value: Value, spending: Spending): boolean => {
  if (value === null || value === false || value === 0n || value === 0 || value === '') return true;
  if (typeof value !== 'object') return false;
  if (isList(value)) return sizeOfList(value) === 0;
  if (isMap(value)) return sizeOfMap(value, spending) === 0;
  if (value instanceof Uint) return value.value === 0n;
  if (value instanceof Bytes) return value.bytes.length === 0;
  if (value instanceof Duration) return value.nanos === 0n;
  return value instanceof Timestamp && value.nanos === ZERO_TIME;
};

const NO_VALUE = new CelError('optional.none() dereference');

const unwrap = (list: ListValue): Result => {
  const found: Value[] = [];
  for (let i = 0; i < sizeOfList(list); i += 1) {
    const item = itemAt(list, i);
    if (isError(item)) return item;
    if (item instanceof Optional && item.value !== undefined) found.push(item.value);
  }
  return new CelList(found);
};

const OPTIONAL = optionalOf(A);
const optionals = listOf(OPTIONAL);
const UNWRAP = { since: 34, cost: ([list]: readonly Value[]) => 1 + sizeOfList(list as ListValue) };

/** `or` and `orValue` look at their argument only where they need it: the evaluator has them. */
export const OPTIONAL_FUNCTIONS: readonly Overload[] = [
  fn('optional.of', [any], OPTIONAL, ([x]) => new Optional(x), { since }),
  fn('optional.none', [], OPTIONAL, () => Optional.none, { since }),
  fn(
    'optional.ofNonZeroValue',
    [any],
    OPTIONAL,
    ([x], spending) => (isZero(x, spending) ? Optional.none : new Optional(x)),
    { since },
  ),
  method('hasValue', [optional], BOOL, ([x]) => x.value !== undefined, { since }),
  method('value', [optional], A, ([x]) => (x.value === undefined ? NO_VALUE : x.value), { since }),
  method('or', [optional, optional], OPTIONAL, ([x, other]) => (x.value === undefined ? other : x), { since }),
  method('orValue', [optional, any], A, ([x, other]) => (x.value === undefined ? other : x.value), { since }),
  fn('optional.unwrap', [optionals], listType(A), ([list]) => unwrap(list), UNWRAP),
  method('unwrapOpt', [optionals], listType(A), ([list]) => unwrap(list), UNWRAP),
];
