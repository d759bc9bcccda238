import type { ListNode, MapNode, ScalarNode, YamlNode } from './node.js';
import { Scanner } from './scanner.js';
import { YamlSyntaxError } from './syntax-error.js';
import type { YamlErrorCode } from './syntax-error.js';
import type { ScanRange, TokenType } from './token.js';

/** Manifests have some twenty levels. This reader and those behind it go down by recursion. */
const MAX_DEPTH = 200;

export interface ParsedDocument {
  /** Undefined where there is nothing but comments. */
  readonly root: YamlNode | undefined;
  /** Where a second document begins, which kubectl does not read. */
  readonly rest: number | undefined;
}

interface Properties {
  readonly tag?: string;
  readonly anchor?: string;
  /** Of the first of them. */
  readonly start?: number;
  readonly end: number;
}

const CONTENT_ENDS: ReadonlySet<TokenType> = new Set(['document-start', 'document-end', 'stream-end']);
const VALUE_ENDS: ReadonlySet<TokenType> = new Set(['key', 'value', 'block-end']);

/** Tokens to nodes. Source: gopkg.in/yaml.v2, parserc.go. */
class TreeParser {
  readonly #scanner: Scanner;
  readonly #anchors = new Map<string, YamlNode>();
  #depth = 0;

  constructor(text: string, range: ScanRange) {
    this.#scanner = new Scanner(text, range);
  }

  parse(): ParsedDocument {
    while (this.#next() === 'document-end') this.#scanner.take();
    if (this.#next() === 'stream-end') return { root: undefined, rest: undefined };
    if (this.#next() === 'document-start') this.#scanner.take();
    const root = CONTENT_ENDS.has(this.#next()) ? undefined : this.#node(true, false);
    return { root, rest: this.#restOffset(root?.start ?? 0) };
  }

  /** What follows the document is not read, so it may be anything. */
  #restOffset(begun: number): number | undefined {
    try {
      const ended = this.#next() === 'document-end';
      while (this.#next() === 'document-end') this.#scanner.take();
      const { type, start } = this.#scanner.peek();
      if (type === 'stream-end') return undefined;
      // Without a mark between them it is no second document but one that is not well.
      if (!ended && type !== 'document-start') throw new YamlSyntaxError('unindented', start, begun);
      return start;
    } catch (error) {
      if (error instanceof YamlSyntaxError && error.code === 'directive') return error.offset;
      throw error;
    }
  }

  #next(): TokenType {
    return this.#scanner.peek().type;
  }

  #empty(at: number): ScalarNode {
    return { kind: 'scalar', text: '', style: 'plain', start: at, end: at };
  }

  #properties(): Properties {
    let [tag, anchor, start]: [string?, string?, number?] = [];
    let end = this.#scanner.peek().start;
    for (;;) {
      const token = this.#scanner.peek();
      if (token.type === 'tag' && tag === undefined) tag = token.value;
      else if (token.type === 'anchor' && anchor === undefined) anchor = token.value;
      else break;
      start ??= token.start;
      end = token.end;
      this.#scanner.take();
    }
    return {
      ...(tag === undefined ? {} : { tag }),
      ...(anchor === undefined ? {} : { anchor }),
      ...(start === undefined ? {} : { start }),
      end,
    };
  }

  /** @param unindented whether a list may stand at the column of its key */
  #node(block: boolean, unindented: boolean): YamlNode {
    const first = this.#scanner.peek();
    if (first.type === 'alias') {
      this.#scanner.take();
      const target = this.#anchors.get(first.value);
      if (target === undefined) throw new YamlSyntaxError('alias-unknown', first.start);
      return { kind: 'alias', target, start: first.start, end: first.end };
    }
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw new YamlSyntaxError('depth', first.start);
    const node = this.#content(this.#properties(), block, unindented);
    this.#depth -= 1;
    return node;
  }

  #content(properties: Properties, block: boolean, unindented: boolean): YamlNode {
    const token = this.#scanner.peek();
    const { tag, start = token.start } = properties;
    const base = { start, end: token.end, ...(tag === undefined ? {} : { tag }) };
    const named = <N extends YamlNode>(node: N): N => {
      // Before its children, which may name it.
      if (properties.anchor !== undefined) this.#anchors.set(properties.anchor, node);
      return node;
    };
    if (unindented && token.type === 'entry') return this.#entries(named({ kind: 'list', items: [], ...base }), true);
    if (token.type === 'scalar') {
      this.#scanner.take();
      return named({ kind: 'scalar', text: token.value, style: token.style, ...base });
    }
    if (token.type === 'flow-list-start') return this.#flowList(named({ kind: 'list', items: [], ...base }));
    if (token.type === 'flow-map-start') return this.#flowMap(named({ kind: 'map', pairs: [], ...base }));
    if (block && token.type === 'block-list-start') {
      this.#scanner.take();
      return this.#entries(named({ kind: 'list', items: [], ...base }), false);
    }
    if (block && token.type === 'block-map-start') {
      this.#scanner.take();
      return this.#pairs(named({ kind: 'map', pairs: [], ...base }));
    }
    if (properties.start !== undefined) return named({ ...this.#empty(properties.end), ...base, end: properties.end });
    throw new YamlSyntaxError('no-content', token.start);
  }

  /** Takes the token where it is of this type. */
  #skip(type: TokenType): boolean {
    if (this.#next() !== type) return false;
    this.#scanner.take();
    return true;
  }

  #expect(type: TokenType, code: YamlErrorCode, begun: number): void {
    const { start } = this.#scanner.peek();
    if (!this.#skip(type)) throw new YamlSyntaxError(code, start, begun);
  }

  #entries(list: ListNode, unindented: boolean): ListNode {
    while (this.#next() === 'entry') {
      const { end } = this.#scanner.take();
      const empty =
        this.#next() === 'entry' || (unindented ? VALUE_ENDS.has(this.#next()) : this.#next() === 'block-end');
      list.items.push(empty ? this.#empty(end) : this.#node(true, false));
    }
    if (!unindented) this.#expect('block-end', 'expected-entry', list.start);
    return list;
  }

  #pairs(map: MapNode): MapNode {
    while (this.#next() !== 'block-end') {
      const { end, start } = this.#scanner.peek();
      if (!this.#skip('key')) throw new YamlSyntaxError('expected-key', start, map.start);
      const key = VALUE_ENDS.has(this.#next()) ? this.#empty(end) : this.#node(true, true);
      map.pairs.push({ key, value: this.#blockValue() });
    }
    this.#scanner.take();
    return map;
  }

  #blockValue(): YamlNode {
    const { end, start } = this.#scanner.peek();
    if (!this.#skip('value')) return this.#empty(start);
    return VALUE_ENDS.has(this.#next()) ? this.#empty(end) : this.#node(true, true);
  }

  #flowList(list: ListNode): ListNode {
    this.#scanner.take();
    for (let first = true; this.#next() !== 'flow-list-end'; first = false) {
      if (!first) this.#expect('flow-entry', 'flow-list', list.start);
      if (this.#next() === 'flow-list-end') break;
      const { start, end } = this.#scanner.peek();
      // `[a: 1]` is a list with one map.
      if (this.#skip('key')) list.items.push({ kind: 'map', pairs: [this.#flowPair('flow-list-end')], start, end });
      else list.items.push(this.#node(false, false));
    }
    this.#scanner.take();
    return list;
  }

  #flowMap(map: MapNode): MapNode {
    this.#scanner.take();
    for (let first = true; this.#next() !== 'flow-map-end'; first = false) {
      if (!first) this.#expect('flow-entry', 'flow-map', map.start);
      if (this.#next() === 'flow-map-end') break;
      if (this.#skip('key')) map.pairs.push(this.#flowPair('flow-map-end'));
      else {
        const key = this.#node(false, false);
        map.pairs.push({ key, value: this.#empty(key.end) });
      }
    }
    this.#scanner.take();
    return map;
  }

  /** Key and value behind the token `key`, in brackets that this token closes. */
  #flowPair(close: TokenType): { key: YamlNode; value: YamlNode } {
    const isEnd = (): boolean => this.#next() === 'flow-entry' || this.#next() === close;
    const key =
      this.#next() === 'value' || isEnd() ? this.#empty(this.#scanner.peek().start) : this.#node(false, false);
    if (!this.#skip('value') || isEnd()) return { key, value: this.#empty(this.#scanner.peek().start) };
    return { key, value: this.#node(false, false) };
  }
}

/** The first document between two offsets. @throws YamlSyntaxError */
export const parseTree = (text: string, range: ScanRange): ParsedDocument => new TreeParser(text, range).parse();
