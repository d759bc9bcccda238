/*
 * Text as Go counts it: by code points, and in the order of its UTF-8 bytes.
 */

const NOT_ASCII = /[^\0-\x7f]/;

/** The number of code points. ASCII, which nearly all text is, costs no copy. */
export const lengthOf = (text: string): number => {
  if (!NOT_ASCII.test(text)) return text.length;
  let length = text.length;
  for (let i = 0; i < text.length - 1; i += 1) {
    if (isHigh(text.charCodeAt(i)) && isLow(text.charCodeAt(i + 1))) {
      length -= 1;
      i += 1;
    }
  }
  return length;
};

const isHigh = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;
const isLow = (unit: number): boolean => unit >= 0xdc00 && unit <= 0xdfff;

/** The number of bytes of UTF-8. */
export const utf8Length = (text: string): number => {
  let length = text.length;
  if (!NOT_ASCII.test(text)) return length;
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    // Each half of a pair counts two of its four bytes.
    length += unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff) ? 1 : 2;
  }
  return length;
};

/** The code points, each a text of its own; undefined where a text is ASCII and its units are them. */
export const codePoints = (text: string): readonly string[] | undefined =>
  NOT_ASCII.test(text) ? Array.from(text) : undefined;

/** Code points `from` to `to`, like `slice`. */
export const sliceOf = (text: string, from: number, to?: number): string =>
  codePoints(text)?.slice(from, to).join('') ?? text.slice(from, to);

/** As `compare` of Go: by UTF-8, which is the order of code points and not that of UTF-16 units. */
export const compareTexts = (one: string, other: string): -1 | 0 | 1 => {
  if (one === other) return 0;
  const shorter = Math.min(one.length, other.length);
  for (let i = 0; i < shorter; i += 1) {
    const a = one.charCodeAt(i);
    const b = other.charCodeAt(i);
    if (a === b) continue;
    const [aIsPair, bIsPair] = [a >= 0xd800 && a <= 0xdfff, b >= 0xd800 && b <= 0xdfff];
    if (aIsPair !== bIsPair) return aIsPair ? 1 : -1;
    return a < b ? -1 : 1;
  }
  return one.length < other.length ? -1 : 1;
};
