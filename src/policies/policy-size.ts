import type { Cause } from '../api/cause.js';
import { utf8Length } from './cel/values/text.js';

/*
 * How large a policy may be, looked at before anything walks it.
 */

const KIB = 1024;
const MOST_PARAMS = 64 * KIB;
export const MOST_OF_POLICY = 256 * KIB;
/** Of which a namespace may have hundreds. */
export const MOST_OF_EXCEPTION = 32 * KIB;
/** Texts of expressions are cut deeper; this bounds what is merged and compared. */
const DEPTH = 100;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

/** Whether a value is nested deeper than that; recursion ends there. */
const isDeeper = (value: unknown, most: number): boolean =>
  isObject(value) && (most === 0 || Object.values(value).some((member) => isDeeper(member, most - 1)));

const sizeOf = (value: unknown): number => (value === undefined ? 0 : utf8Length(JSON.stringify(value)));

const cause = (field: string, message: string): Cause => ({
  type: 'FieldValueInvalid',
  field,
  message,
  rule: 'policy.size',
});

export const sizeCauses = (object: unknown, most: number): readonly Cause[] => {
  if (!isObject(object)) return [];
  if (isDeeper(object, DEPTH)) return [cause('spec', `spec is nested deeper than ${DEPTH} levels; write it flatter`)];
  const { spec } = object;
  // What the API server keeps for itself does not count.
  const size = sizeOf(object) - sizeOf(isObject(object['metadata']) ? object['metadata']['managedFields'] : undefined);
  if (size > most) {
    const text = `spec and the rest have ${size} bytes; at most ${most} are allowed: make two of it`;
    return [cause('spec', text)];
  }
  const params = sizeOf(isObject(spec) ? spec['params'] : undefined);
  return params > MOST_PARAMS
    ? [cause('spec.params', `spec.params has ${params} bytes; the most that are allowed is ${MOST_PARAMS}`)]
    : [];
};
