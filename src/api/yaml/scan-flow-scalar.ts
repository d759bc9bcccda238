import { END, isBlank, isBlankOrEnd, isBreak, TAB } from './cursor.js';
import type { Cursor } from './cursor.js';
import { YamlSyntaxError } from './syntax-error.js';

/* Quoted and plain texts. Sources: yaml_parser_scan_flow_scalar, yaml_parser_scan_plain_scalar. */

/** Blanks and line breaks between two words, and what they count for. */
class Gap {
  #blanks = '';
  #first = '';
  #more = '';
  broken = false;

  addBreak(text: string): void {
    if (this.broken) this.#more += text;
    else this.#first = text;
    this.broken = true;
  }

  /** A break after a backslash joins two lines without a space. */
  addEscapedBreak(): void {
    this.broken = true;
  }

  addBlank(character: string): void {
    // Blanks that begin a line are its indentation.
    if (!this.broken) this.#blanks += character;
  }

  /** What stands in the text for it; then it is empty again. */
  take(): string {
    const lines = this.#first === '\n' ? (this.#more === '' ? ' ' : this.#more) : this.#first + this.#more;
    const text = this.broken ? lines : this.#blanks;
    this.#blanks = '';
    this.#first = '';
    this.#more = '';
    this.broken = false;
    return text;
  }
}

const ESCAPES: Readonly<Record<string, string>> = {
  ...{ '0': '\0', a: '\x07', b: '\b', t: '\t', '\t': '\t', n: '\n', v: '\v', f: '\f', r: '\r', e: '\x1b', ' ': ' ' },
  ...{ '"': '"', "'": "'", '\\': '\\', N: '\x85', _: '\xa0', L: '\u2028', P: '\u2029' },
};
const HEX_LENGTHS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

/** One escape sequence; the cursor is at its backslash. JSON has `\/` and pairs of surrogates, YAML 1.1 has not. */
const takeEscape = (cursor: Cursor, json: boolean): string => {
  const start = cursor.offset;
  const letter = cursor.text.charAt(start + 1);
  const length = Object.hasOwn(HEX_LENGTHS, letter) ? HEX_LENGTHS[letter] : undefined;
  if (length === undefined) {
    const plain = Object.hasOwn(ESCAPES, letter) ? ESCAPES[letter] : json && letter === '/' ? '/' : undefined;
    if (plain === undefined || start + 1 >= cursor.end) throw new YamlSyntaxError('escape', start);
    cursor.offset += 2;
    return plain;
  }
  const digits = cursor.text.slice(start + 2, Math.min(start + 2 + length, cursor.end));
  const code = new RegExp(`^[0-9a-fA-F]{${length}}$`).test(digits) ? parseInt(digits, 16) : -1;
  const surrogate = code >= 0xd800 && code <= 0xdfff;
  if (code < 0 || code > 0x10ffff || (surrogate && !json)) throw new YamlSyntaxError('escape', start);
  cursor.offset += 2 + length;
  return String.fromCodePoint(code);
};

const takeGap = (cursor: Cursor, gap: Gap): void => {
  while (isBlank(cursor.code()) || isBreak(cursor.code())) {
    if (isBreak(cursor.code())) gap.addBreak(cursor.takeBreak());
    else {
      gap.addBlank(cursor.text.charAt(cursor.offset));
      cursor.offset += 1;
    }
  }
};

/** Words of a quoted text up to a blank, a break or the closing quote. */
const takeQuotedWord = (cursor: Cursor, quote: string, json: boolean, gap: Gap): string => {
  const parts: string[] = [];
  let from = cursor.offset;
  const flush = (): void => void parts.push(cursor.text.slice(from, cursor.offset));
  while (!isBlankOrEnd(cursor.code())) {
    if (cursor.is(quote)) {
      if (quote === '"' || !cursor.is("'", 1)) break;
      cursor.offset += 1;
      flush();
      cursor.offset += 1;
      from = cursor.offset;
    } else if (quote === '"' && cursor.is('\\')) {
      flush();
      if (isBreak(cursor.code(1))) {
        cursor.offset += 1;
        cursor.takeBreak();
        gap.addEscapedBreak();
        return parts.join('');
      }
      parts.push(takeEscape(cursor, json));
      from = cursor.offset;
    } else cursor.offset += 1;
  }
  flush();
  return parts.join('');
};

/** The text that begins with the quote at the cursor. Its further lines may be indented as they like. */
export const scanQuoted = (cursor: Cursor, json: boolean): string => {
  const start = cursor.offset;
  const quote = cursor.text.charAt(start);
  cursor.offset += 1;
  const parts: string[] = [];
  const gap = new Gap();
  for (;;) {
    if (cursor.atAnyDocumentMark() || cursor.code() === END) throw new YamlSyntaxError('quote', cursor.offset, start);
    parts.push(takeQuotedWord(cursor, quote, json, gap));
    if (cursor.is(quote)) {
      // A line that was joined by a backslash may end the text at once.
      parts.push(gap.take());
      cursor.offset += 1;
      return parts.join('');
    }
    takeGap(cursor, gap);
    parts.push(gap.take());
  }
};

const FLOW_ENDS = [',', '?', '[', ']', '{', '}'].map((character) => character.charCodeAt(0));

export interface PlainScalar {
  readonly value: string;
  readonly end: number;
  /** Whether it ended with a line, so that a key may follow. */
  readonly broken: boolean;
}

/** @param parent column of what the text belongs to; -1 for none */
export const scanPlain = (cursor: Cursor, parent: number, flow: boolean): PlainScalar => {
  const parts: string[] = [];
  const gap = new Gap();
  let end = cursor.offset;
  for (;;) {
    if (cursor.atAnyDocumentMark() || cursor.is('#')) break;
    const from = cursor.offset;
    while (!isBlankOrEnd(cursor.code())) {
      if (cursor.is(':') && isBlankOrEnd(cursor.code(1))) break;
      if (flow && FLOW_ENDS.includes(cursor.code())) break;
      cursor.offset += 1;
    }
    if (cursor.offset > from) {
      parts.push(gap.take(), cursor.text.slice(from, cursor.offset));
      end = cursor.offset;
    }
    if (!isBlank(cursor.code()) && !isBreak(cursor.code())) break;
    while (isBlank(cursor.code()) || isBreak(cursor.code())) {
      if (gap.broken && cursor.column <= parent && cursor.code() === TAB) {
        throw new YamlSyntaxError('tab', cursor.offset);
      }
      if (isBreak(cursor.code())) gap.addBreak(cursor.takeBreak());
      else {
        gap.addBlank(cursor.text.charAt(cursor.offset));
        cursor.offset += 1;
      }
    }
    if (!flow && cursor.column <= parent) break;
  }
  return { value: parts.join(''), end, broken: gap.broken };
};
