import type { Cause } from '../api/cause.js';
import { Draft, moveUnknown, stepsOf } from '../api/schema-check/draft.js';
import type { Correction } from '../api/schema-check/findings.js';
import type { AdmissionRequest } from './types.js';

/*
 * A copy of an object in which what is wrong already is put right, as far as it is plain how: what a rule says of the
 * object and not of the copy follows from what was reported before.
 */

/** What was reported before the rules run. */
export interface Earlier {
  readonly schema: readonly Cause[];
  readonly corrections: readonly Correction[];
  readonly notActedOn: readonly Cause[];
}

/** The object without what was refused. */
export const putRight = (
  { object }: Pick<AdmissionRequest, 'object'>,
  { schema, corrections, notActedOn }: Earlier,
): unknown => {
  const draft = new Draft(object);
  moveUnknown(draft, corrections);
  for (const { field, rule } of schema) if (rule !== 'schema.unknown') draft.take(stepsOf(field));
  for (const { field } of notActedOn) draft.take(stepsOf(field));
  return draft.object;
};

/** What both say of the same field: the rest of the first follows from what was put right. */
export const commonCauses = (causes: readonly Cause[], others: readonly Cause[]): readonly Cause[] => {
  const kept = new Set(others.map(({ field, rule = '' }) => `${rule} ${field}`));
  return causes.filter(({ field, rule = '' }) => kept.has(`${rule} ${field}`));
};
