import type { Node, Span } from '../parse/node.js';
import { NO_OVERLOAD } from '../values/errors.js';
import type { Value } from '../values/values.js';
import type { Frame, Inputs, Run } from './frame.js';
import { Spending } from './spending.js';

/*
 * What a part of an expression becomes.
 */

export interface CompileProblem {
  readonly message: string;
  readonly span: Span;
}

export interface Code {
  readonly run: Run;
  /** What it gives whatever the variables are. */
  readonly constant?: Value;
  readonly isConstant: boolean;
  /** What it costs less where it is only a step of another path: cel-go does not count the name of a variable there. */
  readonly discount: number;
}

/** What an environment says of names. */
export interface Names {
  readonly version: number;
  /** What names with dots begin with. */
  readonly heads: ReadonlySet<string>;
  /** The index of a variable. */
  readonly root: (name: string) => number | undefined;
  /** The index of `variables.NAME`. */
  readonly composed: (name: string) => number | undefined;
}

/** An expression that is being compiled, as its parts see it. */
export interface Compilation {
  readonly names: Names;
  readonly problems: CompileProblem[];
  /** Patterns that are compiled with the expression. */
  readonly patterns: string[];
  /** The slot of a comprehension's variable. */
  readonly slotOf: (name: string) => number | undefined;
  /** Compiles a body in which names stand for slots of their own. */
  readonly within: <T>(names: readonly string[], body: (slots: readonly number[]) => T) => T;
  readonly compile: (node: Node) => Code;
}

export const code = (run: Run, discount = 0): Code => ({ run, isConstant: false, discount });

export const constant = (value: Value): Code => ({ run: () => value, constant: value, isConstant: true, discount: 0 });

const NOTHING: Inputs = { root: () => null, composed: () => NO_OVERLOAD };

/** What constants are evaluated in, while an expression is compiled. */
export const emptyFrame = (): Frame => ({ inputs: NOTHING, spending: new Spending(), slots: [] });
