import { Bytes } from '../values/values.js';
import type { Read } from './numbers.js';
import { SyntaxProblem } from './syntax-error.js';

/*
 * Texts and bytes as CEL writes them: '…', "…", three of either, with r (raw) and b (bytes) before them.
 */

const SIMPLE: Readonly<Record<string, string>> = {
  '\\': '\\',
  '?': '?',
  '"': '"',
  "'": "'",
  '`': '`',
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

const encoder = new TextEncoder();

const isSurrogate = (code: number): boolean => code >= 0xd800 && code <= 0xdfff;

/** Where a literal that opens at `start` ends. */
const closing = (text: string, start: number, open: number, quote: string, raw: boolean): number => {
  const single = quote.length === 1;
  for (let at = open; at < text.length; at += 1) {
    if (text.startsWith(quote, at)) return at;
    const character = text[at];
    if (single && (character === '\n' || character === '\r')) {
      const remedy = `close it with ${quote}, or open it with ${quote.repeat(3)}`;
      throw new SyntaxProblem(`the text is not closed on its line; ${remedy}`, { start, end: at });
    }
    if (character === '\\' && !raw) at += 1;
  }
  throw new SyntaxProblem(`the text is not closed; write ${quote} at its end`, { start, end: text.length });
};

interface Escape {
  /** A code point; a byte where the escape says one. */
  readonly code: number;
  readonly length: number;
  readonly isByte: boolean;
}

const escapeAt = (text: string, at: number, end: number): Escape | undefined => {
  const letter = text[at + 1] ?? '';
  const simple = Object.hasOwn(SIMPLE, letter) ? SIMPLE[letter] : undefined;
  if (simple !== undefined) return { code: simple.charCodeAt(0), length: 2, isByte: false };
  const [digits, base, from] =
    letter === 'x' || letter === 'X' ? [2, 16, at + 2] : letter === 'u' ? [4, 16, at + 2] : [8, 16, at + 2];
  const octal = /[0-3]/.test(letter);
  if (!octal && !/[xXuU]/.test(letter)) return undefined;
  const written = octal ? text.slice(at + 1, at + 4) : text.slice(from, from + digits);
  const wanted = octal ? 3 : digits;
  if (written.length !== wanted || at + 2 > end || !(octal ? /^[0-7]+$/ : /^[0-9a-fA-F]+$/).test(written))
    return undefined;
  const code = Number.parseInt(written, octal ? 8 : base);
  const isByte = octal || letter === 'x' || letter === 'X';
  if (!isByte && (code > 0x10ffff || isSurrogate(code))) return undefined;
  return { code, length: (octal ? 1 : 2) + wanted, isByte };
};

/** The pieces of a literal between its quotes, escapes resolved. */
const pieces = (text: string, from: number, to: number, onBytes: boolean): (string | Escape)[] => {
  const found: (string | Escape)[] = [];
  let plain = from;
  for (let at = from; at < to;) {
    if (text[at] !== '\\') {
      at += 1;
      continue;
    }
    const escape = escapeAt(text, at, to);
    const written = text.slice(at, Math.min(at + 2, to));
    if (escape === undefined || at + escape.length > to) {
      const remedy = `write \\\\ for a backslash, or r before the text`;
      throw new SyntaxProblem(`${written} is no escape of CEL; ${remedy}`, { start: at, end: at + 2 });
    }
    if (onBytes && /^\\[uU]/.test(written)) {
      throw new SyntaxProblem(`${written} may not stand in bytes; write them as \\x…`, { start: at, end: at + 2 });
    }
    if (at > plain) found.push(text.slice(plain, at));
    found.push(escape);
    at += escape.length;
    plain = at;
  }
  if (to > plain) found.push(text.slice(plain, to));
  return found;
};

const concatenate = (parts: readonly Uint8Array[]): Uint8Array => {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
};

/** The text or bytes that open at `start`, prefix included. */
export const readText = (text: string, start: number): Read => {
  let open = start;
  while (/[rRbB]/.test(text[open] ?? '')) open += 1;
  const prefix = text.slice(start, open).toLowerCase();
  const mark = text[open] ?? '"';
  const quote = text.startsWith(mark.repeat(3), open) ? mark.repeat(3) : mark;
  const from = open + quote.length;
  const raw = prefix.includes('r');
  const to = closing(text, start, from, quote, raw);
  const end = to + quote.length;
  const found = raw ? [text.slice(from, to)] : pieces(text, from, to, prefix.includes('b'));
  const plain = (piece: string): string => (quote.length === 3 ? piece.replace(/\r\n?/g, '\n') : piece);
  if (!prefix.includes('b')) {
    const value = found.map((one) => (typeof one === 'string' ? plain(one) : String.fromCodePoint(one.code))).join('');
    return { value, end };
  }
  const parts = found.map((one) =>
    typeof one === 'string'
      ? encoder.encode(plain(one))
      : one.isByte
        ? Uint8Array.of(one.code)
        : encoder.encode(String.fromCodePoint(one.code)),
  );
  return { value: new Bytes(concatenate(parts)), end };
};
