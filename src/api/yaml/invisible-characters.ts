import type { Chunk } from './chunks.js';
import type { Lines } from './lines.js';
import type { YamlNode } from './node.js';

/*
 * Characters that cannot be seen, or look like a space and are none: copied from web pages and word processors, they
 * make a file mean something else than what one reads.
 */

const NAMES: Readonly<Record<string, string>> = {
  '\u00a0': 'NO-BREAK SPACE',
  '\u00ad': 'SOFT HYPHEN',
  '\u061c': 'ARABIC LETTER MARK',
  '\u1680': 'OGHAM SPACE MARK',
  '\u180e': 'MONGOLIAN VOWEL SEPARATOR',
  '\u2000': 'EN QUAD',
  '\u2001': 'EM QUAD',
  '\u2002': 'EN SPACE',
  '\u2003': 'EM SPACE',
  '\u2004': 'THREE-PER-EM SPACE',
  '\u2005': 'FOUR-PER-EM SPACE',
  '\u2006': 'SIX-PER-EM SPACE',
  '\u2007': 'FIGURE SPACE',
  '\u2008': 'PUNCTUATION SPACE',
  '\u2009': 'THIN SPACE',
  '\u200a': 'HAIR SPACE',
  '\u200b': 'ZERO WIDTH SPACE',
  '\u200c': 'ZERO WIDTH NON-JOINER',
  '\u200d': 'ZERO WIDTH JOINER',
  '\u200e': 'LEFT-TO-RIGHT MARK',
  '\u200f': 'RIGHT-TO-LEFT MARK',
  '\u2028': 'LINE SEPARATOR',
  '\u2029': 'PARAGRAPH SEPARATOR',
  '\u202a': 'LEFT-TO-RIGHT EMBEDDING',
  '\u202b': 'RIGHT-TO-LEFT EMBEDDING',
  '\u202c': 'POP DIRECTIONAL FORMATTING',
  '\u202d': 'LEFT-TO-RIGHT OVERRIDE',
  '\u202e': 'RIGHT-TO-LEFT OVERRIDE',
  '\u202f': 'NARROW NO-BREAK SPACE',
  '\u205f': 'MEDIUM MATHEMATICAL SPACE',
  '\u2060': 'WORD JOINER',
  '\u2066': 'LEFT-TO-RIGHT ISOLATE',
  '\u2067': 'RIGHT-TO-LEFT ISOLATE',
  '\u2068': 'FIRST STRONG ISOLATE',
  '\u2069': 'POP DIRECTIONAL ISOLATE',
  '\u3000': 'IDEOGRAPHIC SPACE',
  '\u3164': 'HANGUL FILLER',
  '\u0085': 'NEXT LINE',
  '\ufeff': 'ZERO WIDTH NO-BREAK SPACE (byte order mark)',
};
const escape = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
const CLASS = `[${Object.keys(NAMES).map(escape).join('')}]`;
const ANY = new RegExp(CLASS);
/** In the indentation, before a key or value, before or behind a colon, or at the end of a line. */
const AROUND = new RegExp(
  `^[ \\t]*(?:- +)*${CLASS}|${CLASS}[ \\t]*(?::|$)|[:,-][ \\t]*${CLASS}|[{[][ \\t]*${CLASS}`,
  'm',
);
const AT_AN_END = new RegExp(`^${CLASS}|${CLASS}$`);

/** `U+00A0 NO-BREAK SPACE` */
export const nameOfCharacter = (character: string): string => {
  const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  const name = Object.hasOwn(NAMES, character) ? NAMES[character] : undefined;
  return name === undefined ? `U+${code}` : `U+${code} ${name}`;
};

/** Offset of the first such character in a key, or at an end of a plain value. */
const offsetIn = (node: YamlNode, text: string, key: boolean): number | undefined => {
  if (node.kind !== 'scalar' || !(key ? ANY : AT_AN_END).test(node.text)) return undefined;
  if (!key && node.style !== 'plain') return undefined;
  const found = ANY.exec(text.slice(node.start, node.end));
  return found === null ? undefined : node.start + found.index;
};

const offsetsBelow = (node: YamlNode, text: string, key: boolean, found: number[]): void => {
  const own = offsetIn(node, text, key);
  if (own !== undefined) found.push(own);
  // What an alias stands for is looked at where it is written.
  if (node.kind === 'list') for (const item of node.items) offsetsBelow(item, text, false, found);
  if (node.kind !== 'map') return;
  for (const pair of node.pairs) {
    offsetsBelow(pair.key, text, true, found);
    offsetsBelow(pair.value, text, false, found);
  }
};

/** Offsets of lines in which such a character does harm, of a document that could be read. */
export const harmIn = (root: YamlNode, { from, to }: Chunk, text: string): readonly number[] => {
  // Nearly all files have none at all.
  if (!ANY.test(text.slice(from, to))) return [];
  const found: number[] = [];
  offsetsBelow(root, text, false, found);
  return found.sort((a, b) => a - b);
};

/** The same of one that could not be read, by what the lines look like. */
export const suspectsIn = ({ from, to }: Chunk, lines: Lines): readonly number[] => {
  const { text } = lines;
  if (!ANY.test(text.slice(from, to))) return [];
  const found: number[] = [];
  const last = lines.positionOf(to).line;
  for (let { line } = lines.positionOf(from); line <= last; line += 1) {
    const written = lines.textOf(line);
    if (/^\s*#/.test(written) || !AROUND.test(written)) continue;
    found.push(lines.startOf(line) + written.search(ANY));
  }
  return found;
};
