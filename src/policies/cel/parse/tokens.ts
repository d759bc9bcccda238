import type { LiteralValue, Span } from './node.js';
import { SyntaxProblem } from './syntax-error.js';
import { readNumber } from './numbers.js';
import { readText } from './texts.js';

/*
 * The words of an expression.
 */

export type TokenKind = 'end' | 'literal' | 'name' | 'in' | 'operator';

export interface Token extends Span {
  readonly kind: TokenKind;
  /** A name or an operator as written; empty for literals. */
  readonly text: string;
  readonly value: LiteralValue;
  /** Whether a literal is a number: `-1` is one word to the grammar. */
  readonly isNumber: boolean;
}

const OPERATORS = new Set('== != <= >= && || + - * / % < > ! ? : . , ( ) [ ] { }'.split(' '));
const WORDS: ReadonlyMap<string, LiteralValue> = new Map([
  ['true', true],
  ['false', false],
  ['null', null],
]);

const NAME_START = /[A-Za-z_]/;
const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
const SPACE = /(?:[ \t\n\r\f]+|\/\/[^\n]*)*/y;
const TEXT_START = /(?:[rR]?[bB]?|[bB][rR])["']/y;
const NUMBER_START = /\.?[0-9]/y;

const startsAt = (pattern: RegExp, text: string, at: number): boolean => {
  pattern.lastIndex = at;
  return pattern.test(text);
};

export class Lexer {
  private position = 0;

  constructor(private readonly text: string) {}

  next(): Token {
    SPACE.lastIndex = this.position;
    SPACE.test(this.text);
    const start = (this.position = Math.max(SPACE.lastIndex, this.position));
    const { text } = this;
    const first = text[start];
    if (first === undefined) return this.token('end', start, start);
    if ((NAME_START.test(first) || first === '"' || first === "'") && startsAt(TEXT_START, text, start)) {
      const { value, end } = readText(text, start);
      return this.token('literal', start, end, value);
    }
    if (NAME_START.test(first)) return this.name(start);
    if (startsAt(NUMBER_START, text, start)) {
      const { value, end } = readNumber(text, start);
      return { ...this.token('literal', start, end, value), isNumber: true };
    }
    const two = text.slice(start, start + 2);
    if (OPERATORS.has(two) && two.length === 2) return this.token('operator', start, start + 2);
    if (OPERATORS.has(first)) return this.token('operator', start, start + 1);
    throw unexpected(text, start);
  }

  private name(start: number): Token {
    NAME.lastIndex = start;
    NAME.test(this.text);
    const end = NAME.lastIndex;
    const name = this.text.slice(start, end);
    const value = WORDS.get(name);
    if (value !== undefined) return this.token('literal', start, end, value);
    return this.token(name === 'in' ? 'in' : 'name', start, end);
  }

  private token(kind: TokenKind, start: number, end: number, value: LiteralValue = null): Token {
    this.position = end;
    return { kind, start, end, text: this.text.slice(start, end), value, isNumber: false };
  }
}

/** What people write in other languages. */
const INSTEAD: Readonly<Record<string, string>> = {
  '=': 'write == to compare',
  '&': 'write &&',
  '|': 'write ||',
  ';': 'an expression is one value, not statements',
  '`': "write a field of such a name as ['name']",
  '“': 'write " (this is a quotation mark of a word processor)',
  '”': 'write " (this is a quotation mark of a word processor)',
  '\u00a0': 'write a plain space (this is a non-breaking one)',
};

const unexpected = (text: string, at: number): SyntaxProblem => {
  const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
  const instead = INSTEAD[character];
  const message = `unexpected ${JSON.stringify(character)}${instead === undefined ? '' : `; ${instead}`}`;
  return new SyntaxProblem(message, { start: at, end: at + character.length });
};
