import type { Cause } from '../api/cause.js';
import { checkSchema, type CheckedKind } from '../api/check-schema.js';

/** After these an object has a shape that mutators and rules cannot read; after all others (a wrong word, say) it has. */
const SHAPE_RULES: readonly (string | undefined)[] = ['schema.type', 'schema.required', 'schema.too-many'];

export interface SchemaOutcome {
  readonly causes: readonly Cause[];
  /** The object has the shape of its kind: its static type holds. */
  readonly shaped: boolean;
}

export const checkShape = (kind: CheckedKind, object: unknown): SchemaOutcome => {
  const causes = checkSchema(kind, object);
  return { causes, shaped: !causes.some(({ rule }) => SHAPE_RULES.includes(rule)) };
};
