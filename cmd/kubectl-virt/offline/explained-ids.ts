import type { IndexEntry } from '../../../src/explain/entry.js';
import { INDEX } from '../../../src/explain/listing.js';
import { LINT_ENTRIES } from './lint-entries.js';

/** Everything that `explain` knows, rules of files first. */
export const ALL: readonly IndexEntry[] = [...LINT_ENTRIES, ...INDEX];

/** Ids and what they are about, for completion. */
export const explainedIds = (): readonly (readonly [id: string, summary: string])[] =>
  ALL.map(({ id, summary }) => [id, summary]);
