/*
 * What the check against the schemas (check-schema.ts) refuses, for documentation. It runs before all other rules, on
 * every kind. Source of all: docs/reference/admission.md §3.1, §3.2.
 */
export interface SchemaRule {
  /** What is refused: a noun phrase that continues "Refuses ". */
  readonly summary: string;
  /** The object has a shape that other rules cannot read, or should not (a list of a million items). */
  readonly aboutShape?: true;
}

export const SCHEMA_RULES = {
  'schema.unknown': { summary: 'a field that the API does not have' },
  'schema.required': { summary: 'an object without a field that it must have', aboutShape: true },
  'schema.type': {
    summary: 'a value of another type than that of the field, such as text where a number belongs',
    aboutShape: true,
  },
  'schema.enum': { summary: 'a word that is none of those that the field takes' },
  'schema.range': { summary: 'a number that is too small or too large for the field' },
  'schema.length': { summary: 'text that is too long for the field' },
  'schema.format': { summary: 'a time that is not written as one' },
  'schema.quantity': { summary: 'an amount of memory, storage or CPUs that cannot be read' },
  'schema.max-items': { summary: 'a list with too many items', aboutShape: true },
  'schema.duplicate': { summary: 'a list item that repeats another where all must differ' },
  'schema.too-many': {
    summary: 'an object with more than 1000 errors, of which the first 1000 are reported',
    aboutShape: true,
  },
} as const satisfies Readonly<Record<string, SchemaRule>>;

export type SchemaRuleId = keyof typeof SCHEMA_RULES;
