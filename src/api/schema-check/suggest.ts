/** The nearest of some known words to a mistyped one, for "did you mean". */

const MAX_LENGTH = 64;

/** Two rows of the table below, made once: an object may have thousands of unknown fields, each compared with dozens of known ones. */
const rows = [new Uint8Array(2 * MAX_LENGTH), new Uint8Array(2 * MAX_LENGTH)] as const;

/** More letters than that are not mistyped, whatever the length. */
const MOST_WRONG = 4;

/**
 * Number of insertions, deletions and replacements from `a` to `b` (Levenshtein), as far as it is below `limit`; else `limit`.
 * Looks only along the diagonal of the table: what is `limit` off it is `limit` wrong.
 */
const distance = (a: string, b: string, limit: number): number => {
  let [previous, current] = rows;
  for (let j = 0; j <= b.length; j += 1) previous[j] = j;
  for (let i = 1; i <= a.length; i += 1) {
    const first = Math.max(1, i - limit + 1);
    const last = Math.min(b.length, i + limit - 1);
    let least = (current[first - 1] = first === 1 ? i : limit);
    for (let j = first; j <= last; j += 1) {
      const replaced = (previous[j - 1] ?? 0) + (a.charCodeAt(i - 1) === b.charCodeAt(j - 1) ? 0 : 1);
      const value = Math.min(replaced, (previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1);
      current[j] = value;
      least = Math.min(least, value);
    }
    current[last + 1] = limit;
    // It can only become more.
    if (least >= limit) return limit;
    [previous, current] = [current, previous];
  }
  return Math.min(previous[b.length] ?? 0, limit);
};

/** The word nearest to `word`, if it is near enough to be meant: at most a third of its letters differ, and four; case aside. */
export const suggest = (word: string, known: Iterable<string>): string | undefined => {
  if (word.length > MAX_LENGTH) return undefined;
  const wanted = word.toLowerCase();
  let best: string | undefined;
  let bestDistance = Math.min(Math.max(1, Math.floor(word.length / 3)), MOST_WRONG) + 1;
  for (const candidate of known) {
    // Each letter more or less is a difference: most words are none the moment one sees how long they are.
    if (Math.abs(candidate.length - wanted.length) >= bestDistance) continue;
    const found = distance(wanted, candidate.toLowerCase(), bestDistance);
    if (found < bestDistance) [best, bestDistance] = [candidate, found];
  }
  return best;
};
