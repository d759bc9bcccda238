import { Cursor, END, isBlank, isBlankOrEnd, isBreak, TAB } from './cursor.js';
import { scanBlockScalar } from './scan-block-scalar.js';
import { scanPlain, scanQuoted } from './scan-flow-scalar.js';
import { scanName, scanTag } from './scan-property.js';
import { YamlSyntaxError } from './syntax-error.js';
import { FLOW_MARKS } from './token.js';
import type { FlowMark, ScanRange, Token, TokenType } from './token.js';

/**
 * A key without `?` ends within this many characters (YAML 1.1). In JSON it may be longer; this bounds the look-ahead.
 */
const MAX_KEY = 1024;
const MAX_JSON_KEY = 65_536;
/** Levels of brackets. What has more than the tree may have is refused before it is looked through. */
const MAX_LEVELS = 250;

/** Where a key may have begun, which only a `:` further on decides. */
interface PossibleKey {
  readonly offset: number;
  readonly column: number;
  readonly lineStart: number;
  readonly token: number;
  /** Nothing but a key can stand there. */
  readonly required: boolean;
}

/** A plain text begins with none of these. */
const INDICATORS = '-?:,[]{}#&*!|>\'"%@`';

/** The tokens of one document, made as they are asked for. Source: gopkg.in/yaml.v2, scannerc.go. */
export class Scanner {
  readonly #cursor: Cursor;
  readonly #json: boolean;
  #tokens: Token[] = [];
  #head = 0;
  /** How many tokens have been taken. */
  #taken = 0;
  #indent = -1;
  readonly #indents: number[] = [];
  /** One for each level of brackets, and for the block around them. */
  readonly #keys: (PossibleKey | undefined)[] = [undefined];
  #keyAllowed = true;
  #ended = false;

  constructor(text: string, { from, to, json }: ScanRange) {
    this.#cursor = new Cursor(text, from, to);
    this.#json = json;
  }

  peek(): Token {
    while (this.#needsMore()) this.#fetch();
    const token = this.#tokens[this.#head];
    if (token === undefined) throw new Error('no token behind the last one');
    return token;
  }

  take(): Token {
    const token = this.peek();
    this.#head += 1;
    this.#taken += 1;
    if (this.#head === 64) {
      this.#tokens = this.#tokens.slice(64);
      this.#head = 0;
    }
    return token;
  }

  #needsMore(): boolean {
    if (this.#ended) return false;
    if (this.#head === this.#tokens.length) return true;
    // A token may still turn out to be a key, before which another token stands.
    for (const [level, key] of this.#keys.entries()) {
      if (key?.token === this.#taken) return this.#isAlive(level);
    }
    return false;
  }

  get #inFlow(): boolean {
    return this.#keys.length > 1;
  }

  #isAlive(level: number): boolean {
    const key = this.#keys[level];
    if (key === undefined) return false;
    const limit = this.#json ? MAX_JSON_KEY : MAX_KEY;
    const sameLine = this.#json || key.lineStart === this.#cursor.lineStart;
    if (sameLine && key.offset + limit >= this.#cursor.offset) return true;
    if (key.required) throw new YamlSyntaxError('no-colon', this.#cursor.offset, key.offset);
    this.#keys[level] = undefined;
    return false;
  }

  #saveKey(): void {
    if (!this.#keyAllowed) return;
    this.#dropKey();
    const { offset, column, lineStart } = this.#cursor;
    const token = this.#taken + this.#tokens.length - this.#head;
    const required = !this.#inFlow && this.#indent === column;
    this.#keys[this.#keys.length - 1] = { offset, column, lineStart, token, required };
  }

  #dropKey(): void {
    const key = this.#keys.at(-1);
    if (key?.required === true) throw new YamlSyntaxError('no-colon', this.#cursor.offset, key.offset);
    this.#keys[this.#keys.length - 1] = undefined;
  }

  #push(type: Exclude<TokenType, 'scalar' | 'alias' | 'anchor' | 'tag'>, length: number): void {
    const start = this.#cursor.offset;
    this.#cursor.offset += length;
    this.#tokens.push({ type, start, end: start + length });
  }

  /** Opens a block collection at this column, unless one is open there. */
  #openBlock(type: 'block-list-start' | 'block-map-start', column: number, offset: number, token?: number): void {
    if (this.#inFlow || this.#indent >= column) return;
    this.#indents.push(this.#indent);
    this.#indent = column;
    const at = token === undefined ? this.#tokens.length : token - this.#taken + this.#head;
    this.#tokens.splice(at, 0, { type, start: offset, end: offset });
  }

  #closeBlocks(column: number): void {
    if (this.#inFlow) return;
    while (this.#indent > column) {
      this.#push('block-end', 0);
      this.#indent = this.#indents.pop() ?? -1;
    }
  }

  #skipToToken(): void {
    const cursor = this.#cursor;
    for (;;) {
      // A tab is no indentation: where a key may stand it is an error.
      while (cursor.is(' ') || ((this.#inFlow || !this.#keyAllowed) && cursor.code() === TAB)) cursor.offset += 1;
      cursor.skipComment();
      if (!isBreak(cursor.code())) return;
      cursor.takeBreak();
      if (!this.#inFlow) this.#keyAllowed = true;
    }
  }

  #fetch(): void {
    const cursor = this.#cursor;
    this.#skipToToken();
    this.#closeBlocks(cursor.column);
    if (cursor.code() === END) this.#fetchEnd();
    else if (cursor.column === 0 && cursor.is('%')) throw new YamlSyntaxError('directive', cursor.offset);
    else if (cursor.atDocumentMark('-')) this.#fetchDocumentMark('document-start');
    else if (cursor.atDocumentMark('.')) this.#fetchDocumentMark('document-end');
    else if (!this.#fetchStructure() && !this.#fetchText()) this.#refuse();
  }

  #fetchEnd(): void {
    this.#closeBlocks(-1);
    this.#dropKey();
    this.#keyAllowed = false;
    this.#push('stream-end', 0);
    this.#ended = true;
  }

  #fetchDocumentMark(type: 'document-start' | 'document-end'): void {
    this.#closeBlocks(-1);
    this.#dropKey();
    this.#keyAllowed = false;
    this.#push(type, 3);
  }

  /** Brackets, commas, dashes, question marks and colons. @returns whether there was one */
  #fetchStructure(): boolean {
    const cursor = this.#cursor;
    const separated = isBlankOrEnd(cursor.code(1));
    const flowMark = FLOW_MARKS.get(cursor.text.charAt(cursor.offset));
    if (flowMark !== undefined) this.#fetchFlowMark(flowMark);
    else if (cursor.is(',')) {
      this.#dropKey();
      this.#keyAllowed = true;
      this.#push('flow-entry', 1);
    } else if (cursor.is('-') && separated) this.#fetchEntry();
    else if (cursor.is('?') && (this.#inFlow || separated)) this.#fetchExplicitKey();
    else if (cursor.is(':') && (this.#inFlow || separated)) this.#fetchValue();
    else return false;
    return true;
  }

  #fetchFlowMark(type: FlowMark): void {
    const opens = type === 'flow-list-start' || type === 'flow-map-start';
    if (opens) {
      this.#saveKey();
      if (this.#keys.length > MAX_LEVELS) throw new YamlSyntaxError('depth', this.#cursor.offset);
      this.#keys.push(undefined);
    } else {
      this.#dropKey();
      if (this.#inFlow) this.#keys.pop();
    }
    this.#keyAllowed = opens;
    this.#push(type, 1);
  }

  #fetchEntry(): void {
    const { offset, column } = this.#cursor;
    if (!this.#inFlow) {
      if (!this.#keyAllowed) throw new YamlSyntaxError('entry-not-allowed', offset);
      this.#openBlock('block-list-start', column, offset);
    }
    this.#dropKey();
    this.#keyAllowed = true;
    this.#push('entry', 1);
  }

  #fetchExplicitKey(): void {
    const { offset, column } = this.#cursor;
    if (!this.#inFlow) {
      if (!this.#keyAllowed) throw new YamlSyntaxError('key-not-allowed', offset);
      this.#openBlock('block-map-start', column, offset);
    }
    this.#dropKey();
    this.#keyAllowed = !this.#inFlow;
    this.#push('key', 1);
  }

  #fetchValue(): void {
    const { offset, column } = this.#cursor;
    const level = this.#keys.length - 1;
    const key = this.#isAlive(level) ? this.#keys[level] : undefined;
    if (key !== undefined) {
      const at = key.token - this.#taken + this.#head;
      this.#tokens.splice(at, 0, { type: 'key', start: key.offset, end: key.offset });
      this.#openBlock('block-map-start', key.column, key.offset, key.token);
      this.#keys[level] = undefined;
      this.#keyAllowed = false;
    } else {
      if (!this.#inFlow) {
        if (!this.#keyAllowed) throw new YamlSyntaxError('value-not-allowed', offset);
        this.#openBlock('block-map-start', column, offset);
      }
      this.#keyAllowed = !this.#inFlow;
    }
    this.#push('value', 1);
  }

  /** Scalars and what stands before them. @returns whether there was one */
  #fetchText(): boolean {
    const cursor = this.#cursor;
    if (cursor.is('*')) this.#fetchProperty('alias');
    else if (cursor.is('&')) this.#fetchProperty('anchor');
    else if (cursor.is('!')) this.#fetchProperty('tag');
    else if (!this.#inFlow && (cursor.is('|') || cursor.is('>'))) this.#fetchBlockScalar();
    else if (cursor.is('"') || cursor.is("'")) this.#fetchQuoted();
    else if (this.#beginsPlain()) this.#fetchPlain();
    else return false;
    return true;
  }

  #beginsPlain(): boolean {
    const cursor = this.#cursor;
    if (!isBlank(cursor.code()) && !INDICATORS.includes(cursor.text.charAt(cursor.offset))) return true;
    if (cursor.is('-')) return !isBlank(cursor.code(1));
    return !this.#inFlow && (cursor.is('?') || cursor.is(':')) && !isBlankOrEnd(cursor.code(1));
  }

  #refuse(): never {
    const { offset } = this.#cursor;
    throw new YamlSyntaxError(this.#cursor.code() === TAB ? 'tab' : 'reserved', offset);
  }

  #fetchProperty(type: 'alias' | 'anchor' | 'tag'): void {
    this.#saveKey();
    this.#keyAllowed = false;
    const start = this.#cursor.offset;
    const value = type === 'tag' ? scanTag(this.#cursor) : scanName(this.#cursor);
    this.#tokens.push({ type, start, end: this.#cursor.offset, value });
  }

  #fetchBlockScalar(): void {
    const start = this.#cursor.offset;
    this.#dropKey();
    this.#keyAllowed = true;
    const { value, end } = scanBlockScalar(this.#cursor, this.#indent);
    this.#tokens.push({ type: 'scalar', style: 'block', start, end, value });
  }

  #fetchQuoted(): void {
    this.#saveKey();
    this.#keyAllowed = false;
    const start = this.#cursor.offset;
    const value = scanQuoted(this.#cursor, this.#json);
    this.#tokens.push({ type: 'scalar', style: 'quoted', start, end: this.#cursor.offset, value });
  }

  #fetchPlain(): void {
    this.#saveKey();
    this.#keyAllowed = false;
    const start = this.#cursor.offset;
    const { value, end, broken } = scanPlain(this.#cursor, this.#indent, this.#inFlow);
    if (broken) this.#keyAllowed = true;
    this.#tokens.push({ type: 'scalar', style: 'plain', start, end, value });
  }
}
