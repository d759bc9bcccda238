import type { Cause } from '../api/cause.js';
import { findSchemaErrors, schemaOf, type CheckedKind } from '../api/schema-check/check-schema.js';
import type { Correction } from '../api/schema-check/findings.js';
import { SCHEMA_RULES } from '../api/schema-check/schema-rules.js';
import { withoutNulls } from '../api/schema-check/without-nulls.js';

/**
 * After these an object has a shape that mutators and rules cannot read, or should not (a list of a million items);
 * after all others (a wrong word, say) it has.
 */
export const SHAPE_RULES: readonly (string | undefined)[] = Object.entries(SCHEMA_RULES).flatMap(([id, rule]) =>
  'aboutShape' in rule ? [id] : [],
);

export interface SchemaOutcome {
  readonly causes: readonly Cause[];
  /** The object has the shape of its kind: its static type holds. */
  readonly shaped: boolean;
  /** The required fields that an object lacks whose shape is right otherwise; empty where that is not so. */
  readonly missing: readonly string[];
  /** What to do with the fields that the API does not have. */
  readonly corrections: readonly Correction[];
  /** The object without members that are null, which are absent; the same one where there are none. */
  readonly object: unknown;
}

export const checkShape = (kind: CheckedKind, object: unknown): SchemaOutcome => {
  const { causes, silent, corrections, nulls } = findSchemaErrors(kind, object);
  const wrong = [...causes, ...silent].filter(({ rule }) => SHAPE_RULES.includes(rule));
  const incomplete = wrong.every(({ rule }) => rule === 'schema.required');
  return {
    causes,
    shaped: wrong.length === 0,
    missing: incomplete ? wrong.map(({ field }) => field) : [],
    corrections,
    object: nulls ? withoutNulls(schemaOf(kind), object) : object,
  };
};
