import { NOTHING, type Finding } from './finding.js';

/** A list of a million wrong items must not become a million findings. Above what 256 disks can have in one rule. */
const MAX_FINDINGS = 1000;

/**
 * What `check` finds in each item of a list, which may be absent; `path` is the list's. `check` is pure, so it is asked
 * without a path first: putting together the paths of items in which nothing is wrong took a third of the time of all
 * rules. Why not `(list ?? []).flatMap(…)`: that makes two lists for every rule and item, found or not, which took
 * another half.
 */
export const inEach = <Item>(
  list: readonly Item[] | undefined,
  path: string,
  check: (item: Item, path: string, index: number) => readonly Finding[],
): readonly Finding[] => {
  if (list === undefined) return NOTHING;
  let found: Finding[] | undefined;
  let index = 0;
  for (const item of list) {
    if (check(item, '', index).length > 0) {
      found ??= [];
      found.push(...check(item, `${path}[${index}]`, index));
      if (found.length >= MAX_FINDINGS) break;
    }
    index += 1;
  }
  return found ?? NOTHING;
};
