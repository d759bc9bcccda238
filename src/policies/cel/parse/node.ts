import type { Bytes, Uint } from '../values/values.js';

/*
 * What an expression is read as. Every node knows where in the text it stands: messages point there.
 */

export interface Span {
  /** Offsets in UTF-16 units. */
  readonly start: number;
  readonly end: number;
}

export type LiteralValue = null | boolean | bigint | number | string | Uint | Bytes;

export type BinaryOperator = '+' | '-' | '*' | '/' | '%' | '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in';

interface Base extends Span {
  /** Nodes below this one, itself counted: what an evaluation of it costs at least. */
  readonly size: number;
  /** The longest way down, itself counted. */
  readonly depth: number;
}

export interface LiteralNode extends Base {
  readonly kind: 'literal';
  readonly value: LiteralValue;
}
export interface IdentNode extends Base {
  readonly kind: 'ident';
  readonly name: string;
  /** Written with a dot in front: the variable of a comprehension does not hide it. */
  readonly absolute: boolean;
}
export interface SelectNode extends Base {
  readonly kind: 'select';
  readonly operand: Node;
  readonly field: string;
  /** `a.?b`. */
  readonly optional: boolean;
  /** Where the field's name stands. */
  readonly at: Span;
}
export interface IndexNode extends Base {
  readonly kind: 'index';
  readonly operand: Node;
  readonly index: Node;
  /** `a[?b]`. */
  readonly optional: boolean;
}
export interface CallNode extends Base {
  readonly kind: 'call';
  readonly name: string;
  readonly target: Node | undefined;
  readonly args: readonly Node[];
  /** Where the name stands. */
  readonly at: Span;
  /** What macros.ts has found out; undefined before. */
  readonly macro: { known: object | null | undefined };
}
export interface UnaryNode extends Base {
  readonly kind: 'unary';
  readonly operator: '!' | '-';
  readonly operand: Node;
}
export interface BinaryNode extends Base {
  readonly kind: 'binary';
  readonly operator: BinaryOperator;
  readonly left: Node;
  readonly right: Node;
  /** Where the operator stands. */
  readonly at: Span;
}
/** A chain of one operator is one node, so that a long one is not deep. */
export interface LogicNode extends Base {
  readonly kind: 'and' | 'or';
  readonly terms: readonly Node[];
}
export interface ConditionalNode extends Base {
  readonly kind: 'conditional';
  readonly condition: Node;
  readonly then: Node;
  readonly otherwise: Node;
}
export interface ListItem {
  readonly value: Node;
  /** `[?a]`: left out where the optional value is absent. */
  readonly optional: boolean;
}
export interface ListNode extends Base {
  readonly kind: 'list';
  readonly items: readonly ListItem[];
}
export interface MapEntry {
  readonly key: Node;
  readonly value: Node;
  /** `{?k: v}`. */
  readonly optional: boolean;
}
export interface MapNode extends Base {
  readonly kind: 'map';
  readonly entries: readonly MapEntry[];
}
/** `Name{field: value}`: a protobuf message, which Kubernetes' policies do not have. */
export interface MessageNode extends Base {
  readonly kind: 'message';
  readonly name: string;
}

export type Node =
  | LiteralNode
  | IdentNode
  | SelectNode
  | IndexNode
  | CallNode
  | UnaryNode
  | BinaryNode
  | LogicNode
  | ConditionalNode
  | ListNode
  | MapNode
  | MessageNode;

/** The name that a path begins with, where it is nothing but names. */
export const headOf = (node: Node): string | undefined => {
  let at = node;
  while (at.kind === 'select' && !at.optional) at = at.operand;
  return at.kind === 'ident' ? at.name : undefined;
};

/** `a.b.c` as it is written, where that is all the node is. */
export const dottedName = (node: Node): string | undefined => {
  if (node.kind === 'ident') return node.name;
  if (node.kind !== 'select' || node.optional) return undefined;
  const operand = dottedName(node.operand);
  return operand === undefined ? undefined : `${operand}.${node.field}`;
};
