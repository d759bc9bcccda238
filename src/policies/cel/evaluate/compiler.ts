import type { ConditionalNode, LogicNode, Node } from '../parse/node.js';
import { NO_OVERLOAD, isError, type CelError } from '../values/errors.js';
import { CelList, type Result } from '../values/values.js';
import { compileCall } from './calls.js';
import { code, constant, type Code, type Compilation, type CompileProblem, type Names } from './code.js';
import { compileList, compileMap } from './literals.js';
import { negate, OPERATORS } from './operators.js';
import type { Run } from './frame.js';
import { compileIdent, compileIndex, compileSelect } from './paths.js';

/** For who wants to know how an expression came to its value. */
export type Observe = (node: Node, value: Result) => void;

/*
 * Turns an expression into closures, once; an evaluation only calls them. Constants are folded as cel-go folds them.
 */

export class Compiler implements Compilation {
  readonly problems: CompileProblem[] = [];
  /** Patterns that are compiled with the expression. */
  readonly patterns: string[] = [];
  private readonly scopes: (readonly [name: string, slot: number])[] = [];
  private slots = 0;

  /** @param observe told what each side of `&&`, `||` and each condition of `?:` gives */
  constructor(
    readonly names: Names,
    private readonly observe?: Observe,
  ) {}

  /** How many slots an evaluation needs. */
  get slotCount(): number {
    return this.slots;
  }

  /** The slot of a comprehension's variable. */
  slotOf(name: string): number | undefined {
    return this.scopes.findLast(([known]) => known === name)?.[1];
  }

  /** Compiles a body in which names stand for slots of their own. */
  within<T>(names: readonly string[], body: (slots: readonly number[]) => T): T {
    const slots = names.map((name) => {
      const slot = this.slots;
      this.slots += 1;
      this.scopes.push([name, slot]);
      return slot;
    });
    const result = body(slots);
    this.scopes.length -= names.length;
    return result;
  }

  compile(node: Node): Code {
    switch (node.kind) {
      case 'literal':
        return constant(node.value);
      case 'ident':
        return compileIdent(this, node);
      case 'select':
        return compileSelect(this, node);
      case 'index':
        return compileIndex(this, node);
      case 'call':
        return compileCall(this, node);
      case 'unary':
        return this.unary(node.operator, this.compile(node.operand));
      case 'binary':
        return this.binary(node.operator, node.left, node.right);
      case 'and':
      case 'or':
        return this.logic(node);
      case 'conditional':
        return this.conditional(node);
      case 'list':
        return compileList(this, node);
      case 'map':
        return compileMap(this, node);
      case 'message':
        return code(() => NO_OVERLOAD);
    }
  }

  private unary(operator: '!' | '-', operand: Code): Code {
    const { run } = operand;
    if (operator === '!') {
      return code((frame) => {
        const value = run(frame);
        if (isError(value)) return value;
        const over = frame.spending.spend(1);
        if (over !== undefined) return over;
        return typeof value === 'boolean' ? !value : NO_OVERLOAD;
      });
    }
    return code((frame) => {
      const value = run(frame);
      if (isError(value)) return value;
      return frame.spending.spend(1) ?? negate(value);
    });
  }

  private binary(operator: keyof typeof OPERATORS, left: Node, right: Node): Code {
    const operate = OPERATORS[operator];
    const [one, other] = [this.compile(left), this.compile(right)];
    // cel-go looks up a member of a constant list without counting it.
    const isFree = operator === 'in' && other.isConstant && other.constant instanceof CelList;
    const [runOne, runOther] = [one.run, other.run];
    return code((frame) => {
      const a = runOne(frame);
      if (isError(a)) return a;
      const b = runOther(frame);
      if (isError(b)) return b;
      if (!isFree) return operate(a, b, frame.spending);
      const { units } = frame.spending;
      const result = operate(a, b, frame.spending);
      if (frame.spending.exhausted === undefined) frame.spending.units = units;
      return result;
    });
  }

  private watched(node: Node): Run {
    const { run } = this.compile(node);
    const { observe } = this;
    if (observe === undefined) return run;
    return (frame) => {
      const value = run(frame);
      observe(node, value);
      return value;
    };
  }

  /** A value that decides wins over an error on either side; a spent budget over both. */
  private logic({ kind, terms }: LogicNode): Code {
    const runs = terms.map((term) => this.watched(term));
    const decides = kind === 'or';
    return code((frame) => {
      let error: CelError | undefined;
      for (const run of runs) {
        const value = run(frame);
        if (value === decides) return value;
        if (frame.spending.exhausted !== undefined) return frame.spending.exhausted;
        if (typeof value === 'boolean') continue;
        error ??= isError(value) ? value : NO_OVERLOAD;
      }
      return error ?? !decides;
    });
  }

  private conditional({ condition, then, otherwise }: ConditionalNode): Code {
    const run = this.watched(condition);
    const [yes, no] = [this.compile(then), this.compile(otherwise)];
    return code((frame) => {
      const value = run(frame);
      if (isError(value)) return value;
      if (typeof value !== 'boolean') return NO_OVERLOAD;
      const branch = value ? yes : no;
      return frame.spending.spend(-branch.discount) ?? branch.run(frame);
    });
  }
}
