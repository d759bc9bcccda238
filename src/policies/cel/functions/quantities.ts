import { Quantity, tryQuantity } from '../../../api/quantity.js';
import { BOOL, DOUBLE, INT, QUANTITY } from '../check/types.js';
import { CelError } from '../values/errors.js';
import { MAX_INT, MIN_INT, type Result } from '../values/values.js';
import { fn, int, method, quantity, text, textCost, type Overload } from './declare.js';

/*
 * Kubernetes' quantities.
 */

const since = 28;
const cost = textCost();
/** Measured: reading a quantity that is not known yet. */
const READ_STEPS = 150;
const NANOS = 1_000_000_000n;

/** Kubernetes' two messages: a number with letters that are no suffix, and no number at all. */
const FORM = '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$';
const BAD_FORM = new CelError(`quantities must match the regular expression '${FORM}'`);
const BAD_SUFFIX = new CelError("unable to parse quantity's suffix");
const HAS_FORM = new RegExp(FORM);

const read = (written: string): Result =>
  tryQuantity(written) ?? (written.length <= 128 && HAS_FORM.test(written) ? BAD_SUFFIX : BAD_FORM);

const asInteger = (amount: Quantity): Result => {
  const whole = amount.nanos / NANOS;
  if (!amount.isInteger() || whole > MAX_INT || whole < MIN_INT) {
    return new CelError('cannot convert value to integer');
  }
  return whole;
};

/** The nearest double: a division of two exact ones, where both are; else through the decimal text. */
const asDouble = (amount: Quantity): number => {
  const { nanos } = amount;
  if (amount.isInteger()) return Number(nanos / NANOS);
  const negative = nanos < 0n;
  const positive = negative ? -nanos : nanos;
  const value = Number(`${positive / NANOS}.${(positive % NANOS).toString().padStart(9, '0')}`);
  return negative ? -value : value;
};

const isInt = (amount: Quantity): boolean => typeof asInteger(amount) === 'bigint';

export const QUANTITY_FUNCTIONS: readonly Overload[] = [
  fn('quantity', [text], QUANTITY, ([s], spending) => spending.step(READ_STEPS) ?? read(s), { since, cost }),
  fn('isQuantity', [text], BOOL, ([s], spending) => spending.step(READ_STEPS) ?? tryQuantity(s) !== undefined, {
    since,
    cost,
  }),
  fn('sign', [quantity], INT, ([q]) => BigInt(q.sign()), { since }),
  method('isGreaterThan', [quantity, quantity], BOOL, ([q, other]) => q.compare(other) > 0, { since }),
  method('isLessThan', [quantity, quantity], BOOL, ([q, other]) => q.compare(other) < 0, { since }),
  method('compareTo', [quantity, quantity], INT, ([q, other]) => BigInt(q.compare(other)), { since }),
  method('asApproximateFloat', [quantity], DOUBLE, ([q]) => asDouble(q), { since }),
  method('asInteger', [quantity], INT, ([q]) => asInteger(q), { since }),
  method('isInteger', [quantity], BOOL, ([q]) => isInt(q), { since }),
  method('add', [quantity, quantity], QUANTITY, ([q, other]) => q.add(other), { since }),
  method('add', [quantity, int], QUANTITY, ([q, n]) => q.add(Quantity.of(n, 'decimal')), { since }),
  method('sub', [quantity, quantity], QUANTITY, ([q, other]) => q.sub(other), { since }),
  method('sub', [quantity, int], QUANTITY, ([q, n]) => q.sub(Quantity.of(n, 'decimal')), { since }),
];
