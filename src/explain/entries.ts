import { defaultEntry } from './default-entry.js';
import type { Entry } from './entry.js';
import { INDEX } from './listing.js';
import { ruleEntry } from './rule-entry.js';
import { warningEntry } from './warning-entry.js';

const MAKERS = { rule: ruleEntry, default: defaultEntry, warning: warningEntry } as const;

/** Everything there is to say of an id; undefined for one that does not exist. */
export const entryOf = (id: string): Entry | undefined => {
  const index = INDEX.find((entry) => entry.id === id);
  if (index === undefined) return undefined;
  return MAKERS[index.type](index);
};
