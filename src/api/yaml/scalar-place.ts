import type { ScalarNode } from './node.js';

/*
 * Where a character of a scalar's value stands in the text, in whatever style it is written. A style may fold and
 * indent lines, but never loses, doubles or swaps what is not blank: so those characters are counted.
 */

/** An anchor and a tag stand in front, in either order. */
const PROPERTIES = /^(?:[&!]\S*\s+)*/;

/** What a double-quoted text has for one or two units of its value. */
const ESCAPE = /^\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|\r\n|[^])/;

/** How long the part of the source is that is one character, and whether that counts. */
type Unit = (source: string, at: number) => { readonly length: number; readonly counts: boolean };

const isBlank = (text: string): boolean => /^\s*$/.test(text);

const plain: Unit = (source, at) => ({ length: 1, counts: !isBlank(source[at] ?? '') });

const single: Unit = (source, at) => (source.startsWith("''", at) ? { length: 2, counts: true } : plain(source, at));

/** `\n` and the like; an escaped line break is nothing at all. */
const isBlankEscape = (escape: string): boolean => {
  const hex = /^\\[xuU]([0-9a-fA-F]+)$/.exec(escape)?.[1];
  if (hex === undefined) return /^\\[\s nrtvf_LP]/.test(escape);
  const point = Number.parseInt(hex, 16);
  return point <= 0x10ffff && isBlank(String.fromCodePoint(point));
};

const double: Unit = (source, at) => {
  const [escape] = source[at] === '\\' ? (ESCAPE.exec(source.slice(at, at + 10)) ?? []) : [];
  if (escape === undefined) return plain(source, at);
  return { length: escape.length, counts: !isBlankEscape(escape) };
};

interface Written {
  /** Where the value begins, behind a quote or the line of `|`. */
  readonly from: number;
  readonly unit: Unit;
}

const written = (source: string, { style, text }: ScalarNode): Written => {
  const from = PROPERTIES.exec(source)?.[0].length ?? 0;
  switch (style) {
    case 'plain':
      return { from: source.endsWith(text) ? source.length - text.length : from, unit: plain };
    case 'quoted':
      return { from: from + 1, unit: source[from] === "'" ? single : double };
    case 'block': {
      const header = source.indexOf('\n', from);
      return { from: header < 0 ? source.length : header + 1, unit: plain };
    }
  }
};

/** @returns the offset in the text of the document */
export const offsetInScalar = (text: string, node: ScalarNode, offset: number): number => {
  const source = text.slice(node.start, node.end);
  const { from, unit } = written(source, node);
  const wanted = Array.from(node.text.slice(0, offset)).filter((character) => !isBlank(character)).length;
  let counted = 0;
  let at = from;
  while (at < source.length) {
    const { length, counts } = unit(source, at);
    if (counts && counted === wanted) return node.start + at;
    // A pair of surrogates is one character.
    const isPair = counts && length === 1 && (source.codePointAt(at) ?? 0) > 0xffff;
    at += isPair ? 2 : length;
    if (counts) counted += 1;
  }
  return node.end;
};
