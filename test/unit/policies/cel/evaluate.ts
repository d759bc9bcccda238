import { NAMESPACE_TYPE, REQUEST_TYPE } from '../../../../src/policies/cel/admission-types.js';
import { Environment, dynamic } from '../../../../src/policies/cel/environment.js';
import type { Inputs } from '../../../../src/policies/cel/evaluate/frame.js';
import { Spending } from '../../../../src/policies/cel/evaluate/spending.js';
import { compile, isProgram, type Program } from '../../../../src/policies/cel/program.js';
import { CelError, NO_OVERLOAD } from '../../../../src/policies/cel/values/errors.js';
import {
  fromJson,
  isList,
  isMap,
  itemAt,
  keysOf,
  memberOf,
  sizeOfList,
} from '../../../../src/policies/cel/values/json.js';
import { printDouble } from '../../../../src/policies/cel/values/numbers.js';
import { Bytes, Optional, Uint, type Result } from '../../../../src/policies/cel/values/values.js';

/*
 * Evaluating expressions in tests.
 */

/** The newest environment. */
export const LATEST = 36;

export const admissionEnvironment = (version = LATEST): Environment =>
  new Environment(version, [
    dynamic('object'),
    dynamic('oldObject'),
    { name: 'request', type: REQUEST_TYPE },
    dynamic('params'),
    { name: 'namespaceObject', type: NAMESPACE_TYPE },
  ]);

export const inputsOf = (...roots: readonly unknown[]): Inputs => ({
  root: (index) => fromJson(roots[index] ?? null),
  composed: () => NO_OVERLOAD,
});

export const compiled = (text: string, environment = admissionEnvironment()): Program => {
  const program = compile(text, environment);
  if (!isProgram(program)) throw new Error(program.problems.map(({ message }) => message).join('\n'));
  return program;
};

export const evaluate = (text: string, roots: readonly unknown[] = [], spending = new Spending()): Result =>
  compiled(text).evaluate(inputsOf(...roots), spending);

/** A result as the vectors write it. */
export const shown = (value: Result): string => {
  if (value instanceof CelError) return `error: ${value.message}`;
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number')
    return Number.isInteger(value) && Math.abs(value) < 1e6 ? `${value}.0` : printDouble(value);
  if (value === null || typeof value !== 'object') return String(value);
  if (value instanceof Uint) return `${value.value}u`;
  if (value instanceof Bytes) return `b${JSON.stringify(Buffer.from(value.bytes).toString('latin1'))}`;
  if (value instanceof Optional) return value.value === undefined ? 'none' : `optional(${shown(value.value)})`;
  if (isList(value))
    return `[${Array.from({ length: sizeOfList(value) }, (_, i) => shown(itemAt(value, i))).join(', ')}]`;
  if (isMap(value))
    return `{${keysOf(value, new Spending())
      .map((key) => `${shown(key)}: ${shown(memberOf(value, key) ?? null)}`)
      .join(', ')}}`;
  return `${value.constructor.name}(${(value as { toString: () => string }).toString()})`;
};
