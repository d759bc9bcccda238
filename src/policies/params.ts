import { describeValue } from '../api/schema-check/describe-value.js';
import { isRecord } from '../api/record.js';

/*
 * Params are typed by their values, so an override must have the types of what it overrides.
 */

const typeOf = (value: unknown): string => {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  switch (typeof value) {
    case 'number':
      return Number.isInteger(value) ? 'a whole number' : 'a number';
    case 'string':
      return 'a text';
    case 'boolean':
      return 'true or false';
    default:
      return 'an object';
  }
};

/** What differs in type, in words that go on from the field; undefined: nothing. The depth is bounded by the body's. */
export const differingParam = (values: unknown, override: unknown): string | undefined => {
  const [wanted, found] = [typeOf(values), typeOf(override)];
  if (wanted !== found) return `is ${describeValue(override)}; write ${wanted}, as in spec.params.values`;
  if (Array.isArray(values) && Array.isArray(override)) {
    const [one, other] = [values[0] as unknown, override[0] as unknown];
    if (one === undefined || other === undefined || typeOf(one) === typeOf(other)) return undefined;
    return `has items such as ${describeValue(other)}; write ${typeOf(one)}, as in spec.params.values`;
  }
  if (!isRecord(values) || !isRecord(override)) return undefined;
  for (const [key, value] of Object.entries(override)) {
    if (!Object.hasOwn(values, key)) return `has ${describeValue(key)}, which spec.params.values has not`;
    const inner = differingParam(values[key], value);
    if (inner !== undefined) return `at ${describeValue(key)} ${inner}`;
  }
  const missing = Object.keys(values).find((key) => !Object.hasOwn(override, key));
  return missing === undefined ? undefined : `has no ${describeValue(missing)}, which spec.params.values has`;
};
