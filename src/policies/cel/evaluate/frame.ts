import { TypeValue, type Result } from '../values/values.js';
import { TYPE_NAMES } from '../check/types.js';
import type { Spending } from './spending.js';

/*
 * What an evaluation reads and writes.
 */

/** The values of variables, by the index that the environment gives them. */
export interface Inputs {
  /** JSON, or a value of an expression; what is made when it is first read costs. */
  readonly root: (index: number, spending: Spending) => unknown;
  /** A variable of the policy (`variables.x`); evaluated when it is first asked for. */
  readonly composed: (index: number, spending: Spending) => Result;
}

export interface Frame {
  readonly inputs: Inputs;
  readonly spending: Spending;
  /** The variables of comprehensions. */
  readonly slots: Result[];
}

export type Run = (frame: Frame) => Result;

/** The values of type names. */
export const TYPE_VALUES: ReadonlyMap<string, TypeValue> = new Map(
  Array.from(TYPE_NAMES.keys(), (name) => [name, new TypeValue(name)]),
);
