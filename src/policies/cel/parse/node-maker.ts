import { TEXT_LIMITS } from '../limits.js';
import type { BinaryOperator, ListItem, LiteralValue, LogicNode, MapEntry, Node, Span } from './node.js';
import { SyntaxProblem } from './syntax-error.js';

/*
 * Makes nodes, and counts them: how many there are, how deep they lie.
 */

export class NodeMaker {
  private nodes = 0;

  literal(value: LiteralValue, { start, end }: Span): Node {
    return { kind: 'literal', value, start, end, ...this.measured([], { start, end }) };
  }

  ident(name: string, absolute: boolean, { start, end }: Span): Node {
    return { kind: 'ident', name, absolute, start, end, ...this.measured([], { start, end }) };
  }

  select(operand: Node, field: string, optional: boolean, at: Span): Node {
    const span = { start: operand.start, end: at.end };
    return { kind: 'select', operand, field, optional, at: spanOf(at), ...span, ...this.measured([operand], at) };
  }

  index(operand: Node, index: Node, optional: boolean, end: number): Node {
    const span = { start: operand.start, end };
    return { kind: 'index', operand, index, optional, ...span, ...this.measured([operand, index], index) };
  }

  call(name: string, target: Node | undefined, args: readonly Node[], at: Span, { start, end }: Span): Node {
    const below = target === undefined ? args : [target, ...args];
    const macro = { known: undefined };
    return { kind: 'call', name, target, args, at: spanOf(at), macro, start, end, ...this.measured(below, at) };
  }

  unary(operator: '!' | '-', operand: Node, start: number): Node {
    return { kind: 'unary', operator, operand, start, end: operand.end, ...this.measured([operand], operand) };
  }

  binary(operator: BinaryOperator, left: Node, right: Node, at: Span): Node {
    const span = { start: left.start, end: right.end };
    return { kind: 'binary', operator, left, right, at: spanOf(at), ...span, ...this.measured([left, right], at) };
  }

  logic(kind: LogicNode['kind'], terms: readonly Node[]): Node {
    const span = spanOf({ start: terms[0]?.start ?? 0, end: terms.at(-1)?.end ?? 0 });
    return { kind, terms, ...span, ...this.measured(terms, span) };
  }

  conditional(condition: Node, then: Node, otherwise: Node): Node {
    const span = { start: condition.start, end: otherwise.end };
    return {
      kind: 'conditional',
      condition,
      then,
      otherwise,
      ...span,
      ...this.measured([condition, then, otherwise], span),
    };
  }

  list(items: readonly ListItem[], { start, end }: Span): Node {
    const below = items.map(({ value }) => value);
    return { kind: 'list', items, start, end, ...this.measured(below, { start, end }) };
  }

  map(entries: readonly MapEntry[], { start, end }: Span): Node {
    const below = entries.flatMap(({ key, value }) => [key, value]);
    return { kind: 'map', entries, start, end, ...this.measured(below, { start, end }) };
  }

  message(name: string, { start, end }: Span): Node {
    return { kind: 'message', name, start, end, ...this.measured([], { start, end }) };
  }

  tooDeep(at: Span): SyntaxProblem {
    return new SyntaxProblem(`the expression is nested deeper than ${TEXT_LIMITS.depth} levels; use variables`, at);
  }

  private measured(below: readonly Node[], at: Span): { size: number; depth: number } {
    let size = 1;
    let depth = 0;
    for (const node of below) {
      size += node.size;
      if (node.depth > depth) depth = node.depth;
    }
    this.nodes += 1;
    if (this.nodes > TEXT_LIMITS.nodes) {
      throw new SyntaxProblem(`the expression has more than ${TEXT_LIMITS.nodes} parts; use variables`, at);
    }
    if (depth >= TEXT_LIMITS.depth) throw this.tooDeep(at);
    return { size, depth: depth + 1 };
  }
}

const spanOf = ({ start, end }: Span): Span => ({ start, end });
