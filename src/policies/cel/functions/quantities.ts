import { tryQuantity } from '../../../api/quantity.js';
import { BOOL, DOUBLE, INT, QUANTITY } from '../check/types.js';
import { CelError } from '../values/errors.js';
import { addQuantity, doubleOf, integerOf, quantityOf, subtractQuantity } from '../values/amounts.js';
import type { Result } from '../values/values.js';
import { fn, int, method, quantity, text, textCost, type Overload } from './declare.js';

/*
 * Kubernetes' quantities.
 */

const since = 28;
const cost = textCost();
/** Measured: reading a quantity that is not known yet. */
const READ_STEPS = 150;

/** Kubernetes' two messages: a number with letters that are no suffix, and no number at all. */
const FORM = '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$';
const BAD_FORM = new CelError(`quantities must match the regular expression '${FORM}'`);
const BAD_SUFFIX = new CelError("unable to parse quantity's suffix");
const HAS_FORM = new RegExp(FORM);

const read = (written: string): Result =>
  quantityOf(written) ?? (written.length <= 128 && HAS_FORM.test(written) ? BAD_SUFFIX : BAD_FORM);

const NO_INTEGER = new CelError('cannot convert value to integer');

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
  method('asApproximateFloat', [quantity], DOUBLE, ([q]) => doubleOf(q), { since }),
  method('asInteger', [quantity], INT, ([q]) => integerOf(q) ?? NO_INTEGER, { since }),
  method('isInteger', [quantity], BOOL, ([q]) => integerOf(q) !== undefined, { since }),
  method('add', [quantity, quantity], QUANTITY, ([q, other]) => addQuantity(q, other), { since }),
  method('add', [quantity, int], QUANTITY, ([q, n]) => addQuantity(q, n), { since }),
  method('sub', [quantity, quantity], QUANTITY, ([q, other]) => subtractQuantity(q, other), { since }),
  method('sub', [quantity, int], QUANTITY, ([q, n]) => subtractQuantity(q, n), { since }),
];
