import { CelError, NO_OVERLOAD, isError, noSuchKey, outOfBounds } from '../values/errors.js';
import { fromJson, isJsonObject, isList, isMap, itemAt, memberOf, sizeOfList } from '../values/json.js';
import { typeNameOf } from '../values/kinds.js';
import { Optional, Uint, type Result, type Value } from '../values/values.js';

/*
 * Reading members of maps and items of lists. What is neither has none: that is an absent key, as in cel-go, not a
 * wrong type.
 */

/** What is there, or `absent`. Reading an optional value gives an optional one. */
const look = (of: Value, key: Value, absent: (message: CelError) => Result): Result => {
  if (isList(of)) return lookInList(of, key, absent);
  const found = isMap(of) ? memberOf(of, key) : undefined;
  return found ?? (found === null ? null : absent(noSuchKey(keyText(key))));
};

const keyText = (key: Value): string =>
  typeof key === 'object' && key !== null
    ? key instanceof Uint
      ? key.value.toString()
      : 'a value that is no key'
    : String(key);

const badIndex = (key: Value): CelError =>
  new CelError(
    typeof key === 'number'
      ? `unsupported index value ${key} in list`
      : `unsupported index type '${typeNameOf(key)}' in list`,
  );

const indexOf = (key: Value): number | undefined => {
  if (typeof key === 'bigint') return Number(key);
  if (key instanceof Uint) return Number(key.value);
  return typeof key === 'number' && Number.isInteger(key) ? key : undefined;
};

const lookInList = (list: Value, key: Value, absent: (message: CelError) => Result): Result => {
  if (!isList(list)) return NO_OVERLOAD;
  const index = indexOf(key);
  if (index === undefined) return badIndex(key);
  if (index < 0 || index >= sizeOfList(list)) return absent(outOfBounds(index));
  return itemAt(list, index);
};

const itself = (error: CelError): Result => error;
const none = (): Result => Optional.none;
const FALSE = (): Result => false;

/** A step into an optional value stays optional. */
const inside = (of: Optional, read: (value: Value) => Result): Result => {
  if (of.value === undefined) return Optional.none;
  const found = read(of.value);
  return isError(found) || found instanceof Optional ? found : new Optional(found);
};

/** `a.field`: the way of nearly all steps, so it looks at JSON first. */
export const select = (of: Value, field: string): Result => {
  if (isJsonObject(of)) return Object.hasOwn(of, field) ? fromJson(of[field]) : noSuchKey(field);
  // cel-go keeps an optional value optional: what is absent in one that is there is absent too.
  if (of instanceof Optional) return inside(of, (value) => selectOptional(value, field));
  return look(of, field, itself);
};

/** `a.?field`. */
export const selectOptional = (of: Value, field: string): Result => {
  if (of instanceof Optional) return inside(of, (value) => selectOptional(value, field));
  const found = look(of, field, none);
  return isError(found) || found === Optional.none ? found : new Optional(found);
};

/** `a[key]`. */
export const index = (of: Value, key: Value): Result => {
  if (of instanceof Optional) return inside(of, (value) => indexOptional(value, key));
  return look(of, key, itself);
};

/** `a[?key]`. */
export const indexOptional = (of: Value, key: Value): Result => {
  if (of instanceof Optional) return inside(of, (value) => indexOptional(value, key));
  const found = look(of, key, none);
  return isError(found) || found === Optional.none ? found : new Optional(found);
};

/** `has(a.field)`. */
export const has = (of: Value, field: string): Result => {
  if (isJsonObject(of)) return Object.hasOwn(of, field);
  if (of instanceof Optional) return of.value !== undefined && has(of.value, field);
  if (isList(of)) return badIndex(field);
  const found = look(of, field, FALSE);
  return isError(found) ? found : isMap(of) && memberOf(of, field) !== undefined;
};
