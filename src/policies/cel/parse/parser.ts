import { TEXT_LIMITS } from '../limits.js';
import type { BinaryOperator, ListItem, MapEntry, Node, Span } from './node.js';
import { NodeMaker } from './node-maker.js';
import { tooLarge } from './numbers.js';
import { SyntaxProblem } from './syntax-error.js';
import { Lexer, type Token } from './tokens.js';

/*
 * Reads an expression by CEL's grammar, by descent. Whatever recurses counts itself first: depth and number of nodes
 * are bounded before the stack is.
 */

const RELATIONS: ReadonlySet<string> = new Set(['==', '!=', '<', '<=', '>', '>=']);
const SUMS: ReadonlySet<string> = new Set(['+', '-']);
const PRODUCTS: ReadonlySet<string> = new Set(['*', '/', '%']);

const RESERVED: ReadonlySet<string> = new Set(
  'as break const continue else for function if import let loop package namespace return var void while'.split(' '),
);

class Parser {
  private readonly lexer: Lexer;
  private readonly make = new NodeMaker();
  private token: Token;
  private depth = 0;

  constructor(private readonly text: string) {
    this.lexer = new Lexer(text);
    this.token = this.lexer.next();
  }

  whole(): Node {
    const node = this.expression();
    if (this.token.kind !== 'end') throw this.unexpected('an operator or the end of the expression');
    return node;
  }

  private expression(): Node {
    this.deeper();
    const condition = this.logic('or', '||', () => this.logic('and', '&&', () => this.relation()));
    let node = condition;
    if (this.take('?')) {
      const then = this.logic('or', '||', () => this.logic('and', '&&', () => this.relation()));
      this.expect(':', 'the other branch of the condition');
      const otherwise = this.expression();
      node = this.make.conditional(condition, then, otherwise);
    }
    this.depth -= 1;
    return node;
  }

  private logic(kind: 'and' | 'or', operator: string, term: () => Node): Node {
    const first = term();
    if (!this.is(operator)) return first;
    const terms = [first];
    while (this.take(operator)) terms.push(term());
    return this.make.logic(kind, terms);
  }

  private relation(): Node {
    let left = this.chain(SUMS, () => this.chain(PRODUCTS, () => this.unary()));
    while (this.token.kind === 'in' || (this.token.kind === 'operator' && RELATIONS.has(this.token.text))) {
      const at = this.advance();
      const right = this.chain(SUMS, () => this.chain(PRODUCTS, () => this.unary()));
      left = this.make.binary(at.text as BinaryOperator, left, right, at);
    }
    return left;
  }

  private chain(operators: ReadonlySet<string>, operand: () => Node): Node {
    let left = operand();
    while (this.token.kind === 'operator' && operators.has(this.token.text)) {
      const at = this.advance();
      left = this.make.binary(at.text as BinaryOperator, left, operand(), at);
    }
    return left;
  }

  private unary(): Node {
    const { token } = this;
    const operator = token.text;
    if (token.kind !== 'operator' || (operator !== '!' && operator !== '-')) return this.member();
    let times = 0;
    while (this.is(operator)) {
      this.advance();
      times += 1;
      if (operator === '-' && this.token.isNumber) return this.negated(operator, times - 1, token);
    }
    return this.repeated(operator, times, token, this.member());
  }

  /** `-1`, which is one word: `-1.abs()` is of minus one. */
  private negated(operator: '!' | '-', others: number, from: Token): Node {
    const { token } = this;
    this.advance();
    const { value } = token;
    const span = { start: token.start - 1, end: token.end };
    if (typeof value !== 'bigint' && typeof value !== 'number') {
      throw new SyntaxProblem(`-${token.text} is below 0, which a uint cannot be`, span);
    }
    return this.repeated(operator, others, from, this.suffixes(this.make.literal(-value, span)));
  }

  /** Two of an operator are none, as in cel-go. */
  private repeated(operator: '!' | '-', times: number, { start }: Span, operand: Node): Node {
    return times % 2 === 0 ? operand : this.make.unary(operator, operand, start);
  }

  private member(): Node {
    return this.suffixes(this.primary());
  }

  private suffixes(operand: Node): Node {
    let node = operand;
    for (;;) {
      if (this.take('.')) node = this.selected(node);
      else if (this.is('[')) {
        this.advance();
        const optional = this.take('?') !== undefined;
        const index = this.expression();
        const { end } = this.expect(']', 'the end of the index');
        node = this.make.index(node, index, optional, end);
      } else if (this.is('{') && isName(node)) node = this.message(node);
      else return node;
    }
  }

  private selected(operand: Node): Node {
    const optional = this.take('?') !== undefined;
    const at = this.token;
    if (at.kind !== 'name') throw this.unexpected('the name of a field');
    this.advance();
    if (!optional && this.take('(')) {
      const { args, end } = this.callArguments();
      return this.make.call(at.text, operand, args, at, { start: operand.start, end });
    }
    return this.make.select(operand, at.text, optional, at);
  }

  private primary(): Node {
    const { token } = this;
    if (token.kind === 'literal') {
      this.advance();
      if (token.isNumber && token.value === 2n ** 63n) throw tooLarge(token.text, token.start, token.end);
      return this.make.literal(token.value, token);
    }
    if (token.kind === 'name' || this.is('.')) return this.named();
    if (this.take('(')) {
      const inner = this.expression();
      this.expect(')', 'the closing parenthesis');
      return inner;
    }
    if (this.is('[')) return this.list();
    if (this.is('{')) return this.map();
    throw this.unexpected('a value');
  }

  private named(): Node {
    const absolute = this.take('.') !== undefined;
    const at = this.token;
    if (at.kind !== 'name') throw this.unexpected('a name');
    this.advance();
    if (this.take('(')) {
      const { args, end } = this.callArguments();
      return this.make.call(at.text, undefined, args, at, { start: at.start, end });
    }
    if (RESERVED.has(at.text)) {
      throw new SyntaxProblem(`${at.text} is a reserved word of CEL and no variable`, at);
    }
    return this.make.ident(at.text, absolute, at);
  }

  private callArguments(): { args: Node[]; end: number } {
    const args: Node[] = [];
    if (!this.is(')')) {
      do args.push(this.expression());
      while (this.take(','));
    }
    return { args, end: this.expect(')', 'a comma or the closing parenthesis').end };
  }

  private list(): Node {
    const { start } = this.advance();
    const items: ListItem[] = [];
    while (!this.is(']')) {
      const optional = this.take('?') !== undefined;
      items.push({ optional, value: this.expression() });
      this.limitItems(items.length, start);
      if (!this.take(',')) break;
    }
    return this.make.list(items, { start, end: this.expect(']', 'a comma or the end of the list').end });
  }

  private map(): Node {
    const { start } = this.advance();
    const entries: MapEntry[] = [];
    while (!this.is('}')) {
      const optional = this.take('?') !== undefined;
      const key = this.expression();
      this.expect(':', 'the value of the key');
      entries.push({ key, value: this.expression(), optional });
      this.limitItems(entries.length, start);
      if (!this.take(',')) break;
    }
    return this.make.map(entries, { start, end: this.expect('}', 'a comma or the end of the map').end });
  }

  /** Read, so that the message about it has its place and not a place inside. */
  private message(name: Node): Node {
    this.advance();
    while (!this.is('}')) {
      if (this.token.kind !== 'name') throw this.unexpected('the name of a field');
      this.advance();
      this.expect(':', 'the value of the field');
      this.expression();
      if (!this.take(',')) break;
    }
    const { end } = this.expect('}', 'a comma or the end of the message');
    return this.make.message(this.text.slice(name.start, name.end), { start: name.start, end });
  }

  private limitItems(count: number, start: number): void {
    if (count <= TEXT_LIMITS.listItems) return;
    const message = `a list or map may have ${TEXT_LIMITS.listItems} items; put longer ones into params`;
    throw new SyntaxProblem(message, { start, end: this.token.start });
  }

  private deeper(): void {
    this.depth += 1;
    if (this.depth > TEXT_LIMITS.depth) throw this.make.tooDeep(this.token);
  }

  private is(operator: string): boolean {
    return this.token.kind === 'operator' && this.token.text === operator;
  }

  private take(operator: string): Token | undefined {
    return this.is(operator) ? this.advance() : undefined;
  }

  private advance(): Token {
    const { token } = this;
    this.token = this.lexer.next();
    return token;
  }

  private expect(operator: string, what: string): Token {
    const token = this.take(operator);
    if (token === undefined) throw this.unexpected(`${operator} (${what})`);
    return token;
  }

  private unexpected(wanted: string): SyntaxProblem {
    const { token } = this;
    const found =
      token.kind === 'end' ? 'the expression ends' : `unexpected ${JSON.stringify(token.text.slice(0, 40))}`;
    return new SyntaxProblem(`${found} where ${wanted} should stand`, token);
  }
}

const isName = (node: Node): boolean =>
  node.kind === 'ident' || (node.kind === 'select' && !node.optional && isName(node.operand));

/** The expression that a text is, or what is wrong with it. */
export const parseExpression = (text: string): Node | SyntaxProblem => {
  try {
    if (text.length > TEXT_LIMITS.length) {
      const message = `the expression has ${text.length} characters; at most ${TEXT_LIMITS.length} are read`;
      return new SyntaxProblem(message, { start: TEXT_LIMITS.length, end: text.length });
    }
    return new Parser(text).whole();
  } catch (error) {
    // The parser throws nothing else; anything else is a defect and must surface.
    if (!(error instanceof SyntaxProblem)) throw error;
    return error;
  }
};
