/*
 * Characters that can be seen, and are taken for others: typographic quotes and dashes of word processors, full-width
 * signs of East Asian keyboards, letters of other alphabets.
 */

const groupOf = (letters: string, plain: string): [string, string][] =>
  Array.from(letters).map((letter, index) => [letter, plain.charAt(index)]);

const CYRILLIC = new Map(groupOf('аеорсухісјһԁԛѕмтвнкАВЕКМНОРСТХІЈЅ', 'aeopcyxicjhdqsmtbhkABEKMHOPCTXIJS'));
const GREEK = new Map(groupOf('οανικρυτΑΒΕΖΗΙΚΜΝΟΡΤΥΧ', 'oavikputABEZHIKMNOPTYX'));
const DOUBLE_QUOTES = '“”„‟«»″＂';
const SINGLE_QUOTES = '‘’‚‛′＇';
const DASHES = '‐‑‒–—―−﹣－';
const COLONS = '：﹕︓∶ː꞉';

interface LookAlike {
  readonly plain: string;
  /** Behind the code point. */
  readonly what: string;
}

const lookAlike = (character: string): LookAlike | undefined => {
  if (DOUBLE_QUOTES.includes(character)) return { plain: '"', what: 'which is no quote of YAML' };
  if (SINGLE_QUOTES.includes(character)) return { plain: "'", what: 'which is no quote of YAML' };
  if (DASHES.includes(character)) return { plain: '-', what: 'which is no "-"' };
  if (COLONS.includes(character)) return { plain: ':', what: 'which is no ":"' };
  const cyrillic = CYRILLIC.get(character);
  if (cyrillic !== undefined) return { plain: cyrillic, what: `a Cyrillic letter, which is no "${cyrillic}"` };
  const greek = GREEK.get(character);
  if (greek !== undefined) return { plain: greek, what: `a Greek letter, which is no "${greek}"` };
  const code = character.charCodeAt(0);
  if (code <= 0xff00 || code >= 0xff5f) return undefined;
  const plain = String.fromCharCode(code - 0xfee0);
  return { plain, what: `a full-width character, which is no "${plain}"` };
};

const ASCII = /^[\x20-\x7e]*$/;
/** Keys and values that mean something to us are shorter. */
const MAX_LENGTH = 128;

const codePoint = (character: string): string =>
  `U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;

/** What stands in a text that is meant to be plain: the first such character, and the text as it is meant. */
export interface Meant {
  readonly at: number;
  /** `U+0441, a Cyrillic letter, which is no "c"` */
  readonly what: string;
  readonly plain: string;
}

/** Undefined for a text that has none, or has other characters as well, which then are meant. */
export const lookAlikeIn = (text: string): Meant | undefined => {
  if (text.length > MAX_LENGTH || ASCII.test(text)) return undefined;
  const first = Array.from(text).findIndex((character) => lookAlike(character) !== undefined);
  const found = lookAlike(text.charAt(first));
  const plain = Array.from(text)
    .map((character) => lookAlike(character)?.plain ?? character)
    .join('');
  if (found === undefined || !ASCII.test(plain)) return undefined;
  return { at: first, what: `${codePoint(text.charAt(first))}, ${found.what}`, plain };
};

/** Signs of YAML in a line that cannot be read: a dash, a quote that begins a value, the colon behind a key. */
const SIGN = new RegExp(
  `^\\s*(?:- +)*(?:([${DASHES}])|[\\w./"'-]{0,80}([${COLONS}])|(?:[\\w./-]{1,80}: +)?([“”„‟«»‘’‚‛]))`,
);

/** Where such a sign stands in a line, and what to write. */
export const signIn = (line: string): { at: number; message: string; isQuote: boolean } | undefined => {
  const found = SIGN.exec(line.slice(0, 300));
  if (found === null) return undefined;
  const at = found[0].length - 1;
  const sign = lookAlike(line.charAt(at));
  if (sign === undefined) return undefined;
  const isQuote = !'-:'.includes(sign.plain);
  const behind = isQuote ? '' : ' and a space';
  const quoted = sign.plain === '"' ? `'"'` : `"${sign.plain}"`;
  return { at, isQuote, message: `${codePoint(line.charAt(at))} stands here, ${sign.what}: write ${quoted}${behind}` };
};
