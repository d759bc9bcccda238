import { NO_OVERLOAD, NOT_EXACT } from './errors.js';
import type { Spending } from '../evaluate/spending.js';
import { CelList, CelMap, Uint, type JsonObject, type Result, type Value } from './values.js';

/*
 * Reading JSON as CEL does: its integers are ints, its other numbers doubles. Maps are read by their own properties
 * only: a label named `constructor` is a label.
 */

/** A number that was written with a point, for readers of JSON that know: `2.0` is a double. */
export class JsonDouble {
  constructor(readonly value: number) {}
}

const fromNumber = (value: number): Result => {
  if (!Number.isInteger(value)) return value;
  return Number.isSafeInteger(value) ? BigInt(value) : NOT_EXACT;
};

/** A member of a JSON list or object, as a value. What is one already stays. */
export const fromJson = (value: unknown): Result => {
  switch (typeof value) {
    case 'string':
    case 'boolean':
    case 'bigint':
      return value;
    case 'number':
      return fromNumber(value);
    case 'object':
      return value instanceof JsonDouble ? value.value : (value as Value);
    default:
      // JSON has nothing else; what a program put there instead is as good as null.
      return null;
  }
};

export const isList = (value: unknown): value is readonly unknown[] | CelList =>
  Array.isArray(value) || value instanceof CelList;

/** Whether a value is an object of JSON: of no class of ours, and no list. */
export const isJsonObject = (value: unknown): value is JsonObject => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};

export const isMap = (value: unknown): value is JsonObject | CelMap => value instanceof CelMap || isJsonObject(value);

export const sizeOfList = (list: readonly unknown[] | CelList): number =>
  list instanceof CelList ? list.items.length : list.length;

export const itemAt = (list: readonly unknown[] | CelList, index: number): Result =>
  list instanceof CelList ? (list.items[index] ?? null) : fromJson(list[index]);

export const sizeOfMap = (map: JsonObject | CelMap, spending: Spending): number =>
  map instanceof CelMap ? map.entries.size : spending.keysOf(map).length;

/** The keys of a map, as values. */
export const keysOf = (map: JsonObject | CelMap, spending: Spending): readonly Value[] => {
  if (!(map instanceof CelMap)) return spending.keysOf(map);
  spending.step(map.entries.size);
  return Array.from(map.entries.values(), ({ key }) => key);
};

/** The values of a map's members, in the order of {@link keysOf}. */
export const memberOf = (map: JsonObject | CelMap, key: Value): Result | undefined => {
  if (map instanceof CelMap) return lookUp(map, key);
  // The keys of JSON are texts; cel-go does not look for others.
  if (typeof key !== 'string') return NO_OVERLOAD;
  return Object.hasOwn(map, key) ? fromJson(map[key]) : undefined;
};

const lookUp = (map: CelMap, key: Value): Result | undefined => {
  const own = mapKey(key);
  return own === undefined ? undefined : map.entries.get(own)?.value;
};

/** The one key that stands for all equal ones; undefined where a value can be no key. */
export const mapKey = (key: Value): string | boolean | bigint | undefined => {
  switch (typeof key) {
    case 'string':
    case 'boolean':
    case 'bigint':
      return key;
    case 'number':
      return Number.isInteger(key) ? BigInt(key) : undefined;
    default:
      return key instanceof Uint ? key.value : undefined;
  }
};
