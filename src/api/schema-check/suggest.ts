import { distance } from 'fastest-levenshtein';

/*
 * The nearest of some known words to a mistyped one, for "did you mean".
 */

/** No known word is longer; a hostile one may be. */
const MAX_LENGTH = 64;

/** More letters than that are not mistyped, whatever the length. */
const MOST_WRONG = 4;

/** Whether two words of one length differ by two neighbouring letters that changed places: `modle`, `model`. */
const areSwapped = (one: string, other: string): boolean => {
  let at = 0;
  while (at < one.length && one[at] === other[at]) at += 1;
  return (
    at < one.length &&
    one.length === other.length &&
    one[at] === other[at + 1] &&
    one[at + 1] === other[at] &&
    one.slice(at + 2) === other.slice(at + 2)
  );
};

/**
 * The word nearest to `word`, if it is near enough to be meant: at most a third of its letters differ, and four; case
 * aside. Two neighbouring letters that changed places are one difference.
 */
export const suggest = (word: string, known: Iterable<string>): string | undefined => {
  if (word.length > MAX_LENGTH) return undefined;
  const wanted = word.toLowerCase();
  let best: string | undefined;
  let bestDistance = Math.min(Math.max(1, Math.floor(word.length / 3)), MOST_WRONG) + 1;
  for (const candidate of known) {
    // Each letter more or less is a difference: most words are none the moment one sees how long they are.
    if (Math.abs(candidate.length - wanted.length) >= bestDistance) continue;
    const lower = candidate.toLowerCase();
    const found = areSwapped(wanted, lower) ? 1 : distance(wanted, lower);
    if (found < bestDistance) [best, bestDistance] = [candidate, found];
  }
  return best;
};
