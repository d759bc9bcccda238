/*
 * Text as Go counts it: by code points, and in the order of its UTF-8 bytes. No text is taken apart for that.
 */

const SURROGATE = /[\ud800-\udfff]/;
// eslint would have no control characters in a pattern; what lies above ASCII is the rest.
const NOT_ASCII = /[\u0080-\uffff]/;

const isHigh = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;
const isLow = (unit: number): boolean => unit >= 0xdc00 && unit <= 0xdfff;

/** Whether every unit of a text is a code point, which holds of nearly all text. */
export const isPlain = (text: string): boolean => !SURROGATE.test(text);

/** The number of code points. */
export const lengthOf = (text: string): number => {
  if (isPlain(text)) return text.length;
  let length = text.length;
  for (let i = 0; i < text.length - 1; i += 1) {
    if (isHigh(text.charCodeAt(i)) && isLow(text.charCodeAt(i + 1))) {
      length -= 1;
      i += 1;
    }
  }
  return length;
};

/** Where the code point `index` stands, in units; the end where there are fewer. */
export const offsetOf = (text: string, index: number): number => {
  if (isPlain(text)) return Math.min(index, text.length);
  let at = 0;
  for (let left = index; left > 0 && at < text.length; left -= 1) {
    at += isHigh(text.charCodeAt(at)) && isLow(text.charCodeAt(at + 1)) ? 2 : 1;
  }
  return at;
};

/** Code points `from` to `to`, like `slice`. */
export const sliceOf = (text: string, from: number, to?: number): string =>
  text.slice(offsetOf(text, from), to === undefined ? undefined : offsetOf(text, to));

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

/** As `compare` of Go: by UTF-8, which is the order of code points and not that of UTF-16 units. */
export const compareTexts = (one: string, other: string): -1 | 0 | 1 => {
  if (one === other) return 0;
  // JavaScript's own order is that of units, which differs only where there are pairs.
  if (isPlain(one) && isPlain(other)) return one < other ? -1 : 1;
  const shorter = Math.min(one.length, other.length);
  for (let i = 0; i < shorter; i += 1) {
    const a = one.charCodeAt(i);
    const b = other.charCodeAt(i);
    if (a === b) continue;
    const [aIsPair, bIsPair] = [isHigh(a) || isLow(a), isHigh(b) || isLow(b)];
    if (aIsPair !== bIsPair) return aIsPair ? 1 : -1;
    return a < b ? -1 : 1;
  }
  return one.length < other.length ? -1 : 1;
};
