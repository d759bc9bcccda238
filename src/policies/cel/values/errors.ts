/*
 * Errors are values inside the evaluator. The words are Kubernetes', as far as it has words of its own.
 */

export type Exhausted = 'units' | 'steps' | 'size';

export class CelError {
  constructor(
    readonly message: string,
    /** A budget that is spent: no operator looks past it. */
    readonly exhausted?: Exhausted,
  ) {}
}

export const NO_OVERLOAD = new CelError('no such overload');
export const OVERFLOW = new CelError('integer overflow');
export const DIVISION_BY_ZERO = new CelError('division by zero');
export const MODULUS_BY_ZERO = new CelError('modulus by zero');
export const TIME_RANGE = new CelError('timestamp overflow');
export const DURATION_RANGE = new CelError('duration overflow');
export const NOT_EXACT = new CelError('the number is beyond 2^53 and not exact any more: JSON has rounded it');
export const TOO_DEEP = new CelError('the value is nested deeper than 100 levels');

/** A text that is no value of a type; in cel-go's words. */
export const noConversion = (type: string): CelError =>
  new CelError(`type conversion error from 'string' to '${type}'`);

/** Keys are others' text: a message shows the first part of one. */
export const noSuchKey = (key: string): CelError =>
  new CelError(`no such key: ${key.length > 100 ? `${key.slice(0, 100)}…` : key}`);

export const outOfBounds = (index: bigint | number): CelError => new CelError(`index out of bounds: ${index}`);
export const outOfRange = (index: bigint | number): CelError => new CelError(`index out of range: ${index}`);

export const isError = (value: unknown): value is CelError => value instanceof CelError;
