import { suggest } from '../../api/schema-check/suggest.js';

/* How messages show values and say what to write instead. */

/** Longest value that a message repeats. */
const MAX_SHOWN = 60;

/** The beginning of a value is all that is shown; half a megabyte need not be written out for it. */
const beginning = (value: unknown): unknown =>
  (typeof value === 'string' || Array.isArray(value)) && value.length > MAX_SHOWN ? value.slice(0, MAX_SHOWN) : value;

/** A value as a message shows it: JSON, cut where it is long; what is absent is `nothing`. */
export const show = (value: unknown): string => {
  const text = value === undefined ? 'nothing' : JSON.stringify(beginning(value));
  return text.length <= MAX_SHOWN ? text : `${text.slice(0, MAX_SHOWN - 1)}…`;
};

/** The words of which one must be written, and the one that was meant where that is plain. Continues `…: `. */
export const oneOf = (word: string | undefined, words: readonly string[]): string => {
  const near = word === undefined ? undefined : suggest(word, words);
  return `write one of ${words.join(', ')}${near === undefined ? '' : ` (did you mean ${show(near)}?)`}`;
};

/** Among more names than that none is plainly the one that was meant, and looking for it takes long. */
const MAX_CANDIDATES = 32;

/**
 * What to write for a name that is none of those in `list`: the one that was meant, if it is plain.
 * Continues `no volume is named "rot"`.
 * @param left those that nothing else is for: the only one is meant
 */
export const remedyAmong = (
  name: string,
  names: readonly string[],
  list: string,
  left: readonly string[] = [],
): string => {
  const near =
    (names.length > MAX_CANDIDATES ? undefined : suggest(name, names)) ?? (left.length === 1 ? left[0] : undefined);
  return near === undefined
    ? `: add one to ${list}, or write the name of one that is there`
    : `; did you mean ${show(near)}? Else add one to ${list}`;
};

/** What a rule says about a field whose feature gate is off. */
export const gateIsOff = (gate: string, instead = 'remove it'): string =>
  `needs the feature gate ${gate}, which is off: ${instead}, or enable the gate in the KubeVirt object`;
