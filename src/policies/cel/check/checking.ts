import type { Node, Span } from '../parse/node.js';
import type { Resolver } from './overloads.js';
import type { CelType } from './types.js';
import type { Bindings } from './unify.js';

/*
 * An expression that is being checked, as the parts of the checker see it.
 */

export interface Problem {
  readonly message: string;
  readonly span: Span;
  /** A field that is asked for (has, .?): that another kind has it is enough. */
  readonly guarded?: boolean;
}

export interface CheckerNames {
  readonly version: number;
  readonly variables: ReadonlyMap<string, CelType>;
  /** What names with dots begin with. */
  readonly heads: ReadonlySet<string>;
}

export interface Checked {
  readonly type: CelType;
  readonly problems: readonly Problem[];
}

export interface Checking {
  readonly names: CheckerNames;
  readonly strict: boolean;
  readonly problems: Problem[];
  readonly bindings: Bindings;
  readonly resolver: Resolver;
  /** The variables of comprehensions. */
  readonly scopes: (readonly [name: string, type: CelType])[];
  /** How many comprehensions, and calls of format, lie around. */
  loops: number;
  formats: number;
  readonly check: (node: Node) => CelType;
  readonly typeOf: (node: Node) => CelType;
  readonly fail: (message: string, span: Span, guarded?: boolean) => CelType;
  readonly wantBool: (node: Node, type: CelType) => void;
  readonly scopeOf: (name: string) => CelType | undefined;
  readonly fieldOf: (type: CelType, field: string, at: Span, node: Node, guarded?: boolean) => CelType;
}
