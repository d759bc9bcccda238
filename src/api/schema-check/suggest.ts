import { distance } from 'fastest-levenshtein';

/*
 * The nearest of some known words to a mistyped one, for "did you mean".
 */

/** No known word is longer; a hostile one may be. */
const MAX_LENGTH = 64;

/** More letters than that are not mistyped, whatever the length. */
const MOST_WRONG = 4;

/**
 * The word nearest to `word`, if it is near enough to be meant: at most a third of its letters differ, and four; case
 * aside.
 */
export const suggest = (word: string, known: Iterable<string>): string | undefined => {
  if (word.length > MAX_LENGTH) return undefined;
  const wanted = word.toLowerCase();
  let best: string | undefined;
  let bestDistance = Math.min(Math.max(1, Math.floor(word.length / 3)), MOST_WRONG) + 1;
  for (const candidate of known) {
    // Each letter more or less is a difference: most words are none the moment one sees how long they are.
    if (Math.abs(candidate.length - wanted.length) >= bestDistance) continue;
    const found = distance(wanted, candidate.toLowerCase());
    if (found < bestDistance) [best, bestDistance] = [candidate, found];
  }
  return best;
};
