import { Quantity } from '../../api/quantity.js';
import { isError } from '../cel/values/errors.js';
import { isList, isMap, itemAt, keysOf, sizeOfList } from '../cel/values/json.js';
import { typeNameOf } from '../cel/values/kinds.js';
import { Spending } from '../cel/evaluate/spending.js';
import { Optional, Uint, type Result, type Value } from '../cel/values/values.js';

/*
 * A value as a person reads it: short, and of objects no more than the names of their fields.
 */

const MOST = 60;
const MOST_ITEMS = 5;
/** With `--show-values`. */
const MOST_SHOWN = 2000;

const cut = (text: string, most: number): string => (text.length <= most ? text : `${text.slice(0, most - 1)}…`);

const scalar = (value: Value, most: number): string | undefined => {
  switch (typeof value) {
    case 'string':
      return cut(JSON.stringify(value), most);
    case 'boolean':
    case 'number':
    case 'bigint':
      return String(value);
    default:
      if (value === null) return 'null';
      if (value instanceof Uint) return `${value.value}u`;
      return value instanceof Quantity ? `quantity(${JSON.stringify(value.toString())})` : undefined;
  }
};

const listed = (value: Parameters<typeof sizeOfList>[0], most: number): string => {
  const size = sizeOfList(value);
  const items = Array.from({ length: Math.min(size, MOST_ITEMS) }, (_, i) => itemAt(value, i));
  const texts = items.map((item) => (isError(item) ? undefined : scalar(item, most)));
  if (texts.some((text) => text === undefined)) return `a list of ${size}`;
  return cut(`[${[...texts, ...(size > MOST_ITEMS ? ['…'] : [])].join(', ')}]`, 4 * most);
};

const whole = (value: Value): string => {
  const text = JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? Number(inner) : inner));
  return cut(text, MOST_SHOWN);
};

export const shownValue = (value: Result, showAll: boolean): string => {
  if (isError(value)) return `error: ${cut(value.message, 200)}`;
  if (value instanceof Optional) return value.value === undefined ? 'absent' : shownValue(value.value, showAll);
  const plain = scalar(value, showAll ? MOST_SHOWN : MOST);
  if (plain !== undefined) return plain;
  if (showAll && (Array.isArray(value) || (isMap(value) && !('entries' in value)))) return whole(value);
  if (isList(value)) return listed(value, MOST);
  if (!isMap(value)) return typeNameOf(value);
  const keys = keysOf(value, new Spending())
    .slice(0, 2 * MOST_ITEMS)
    .map(String);
  return cut(`{${keys.join(', ')}}`, 4 * MOST);
};
