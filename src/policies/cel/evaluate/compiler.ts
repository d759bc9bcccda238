import { accepts, type Overload } from '../functions/declare.js';
import { CONVERSIONS } from '../functions/conversions.js';
import { PATTERN_FUNCTIONS_NAMES } from '../functions/patterns.js';
import { GLOBAL_FUNCTIONS, MEMBER_FUNCTIONS, NAMESPACES } from '../functions/table.js';
import { macroOf, type Presence } from '../macros.js';
import type { CallNode, ConditionalNode, IdentNode, ListNode, LogicNode, MapNode, Node, Span } from '../parse/node.js';
import { dottedName } from '../parse/node.js';
import { CelError, NO_OVERLOAD, isError, noSuchKey } from '../values/errors.js';
import { isMap, mapKey } from '../values/json.js';
import { BadPattern, patternOf } from '../values/patterns.js';
import { CelList, CelMap, Optional, type MapKey, type Result, type Value } from '../values/values.js';
import * as access from './access.js';
import { compileComprehension, compileOptionalMap } from './comprehensions.js';
import { TYPE_VALUES, type Frame, type Inputs, type Run } from './frame.js';
import { negate, OPERATORS } from './operators.js';
import { Spending } from './spending.js';

/*
 * Turns an expression into closures, once; an evaluation only calls them. Constants are folded as cel-go folds them,
 * which is why `int('8Gi')` does not compile.
 */

/** What an environment says of names. */
export interface Names {
  readonly version: number;
  /** The index of a variable. */
  readonly root: (name: string) => number | undefined;
  /** The index of `variables.NAME`. */
  readonly composed: (name: string) => number | undefined;
}

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

const code = (run: Run, discount = 0): Code => ({ run, isConstant: false, discount });
const constant = (value: Value): Code => ({ run: () => value, constant: value, isConstant: true, discount: 0 });

const NOTHING: Inputs = { root: () => null, composed: () => NO_OVERLOAD };

/** Kubernetes' figures. */
const LIST_UNITS = 10;
const MAP_UNITS = 30;

export class Compiler {
  readonly problems: CompileProblem[] = [];
  /** Patterns that are compiled with the expression. */
  readonly patterns: string[] = [];
  private readonly scopes: (readonly [name: string, slot: number])[] = [];
  private slots = 0;

  constructor(private readonly names: Names) {}

  /** How many slots an evaluation needs. */
  get slotCount(): number {
    return this.slots;
  }

  compile(node: Node): Code {
    switch (node.kind) {
      case 'literal':
        return constant(node.value);
      case 'ident':
        return this.ident(node);
      case 'select':
      case 'index':
        return this.path(node);
      case 'call':
        return this.call(node);
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
        return this.list(node);
      case 'map':
        return this.map(node);
      case 'message':
        return code(() => NO_OVERLOAD);
    }
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

  isSince(since: number): boolean {
    return since <= this.names.version;
  }

  private slotOf(name: string): number | undefined {
    return this.scopes.findLast(([known]) => known === name)?.[1];
  }

  private ident({ name, absolute }: IdentNode): Code {
    const slot = absolute ? undefined : this.slotOf(name);
    if (slot !== undefined) {
      return code((frame) => frame.spending.spend(1) ?? (frame.slots[slot] as Result), 1);
    }
    const root = this.names.root(name);
    if (root !== undefined) return this.root(root);
    const type = TYPE_VALUES.get(name);
    return type === undefined ? code(() => noSuchKey(name)) : constant(type);
  }

  private root(index: number): Code {
    return code((frame) => frame.spending.spend(1) ?? (frame.inputs.root(index) as Result), 1);
  }

  /** `a.b[c]`: the variable and each step are a unit. */
  private path(node: Node): Code {
    const whole = this.named(node);
    if (whole !== undefined) return whole;
    if (node.kind === 'select') {
      const composed = this.composed(node);
      if (composed !== undefined) return composed;
      const { field, optional } = node;
      const operand = this.base(node.operand);
      const read = optional ? access.selectOptional : access.select;
      return code((frame) => {
        const value = operand.run(frame);
        if (isError(value)) return value;
        return frame.spending.spend(1) ?? read(value, field);
      }, operand.discount);
    }
    if (node.kind !== 'index') return this.compile(node);
    const operand = this.base(node.operand);
    const at = this.compile(node.index);
    const read = node.optional ? access.indexOptional : access.index;
    return code((frame) => {
      const value = operand.run(frame);
      if (isError(value)) return value;
      const over = frame.spending.spend(1 - at.discount);
      if (over !== undefined) return over;
      const key = at.run(frame);
      return isError(key) ? key : read(value, key);
    }, operand.discount);
  }

  /** What a path begins with; where that is no variable, a unit for it. */
  private base(node: Node): Code {
    if (node.kind === 'select' || node.kind === 'index' || node.kind === 'ident') return this.compile(node);
    const { run } = this.compile(node);
    return code((frame) => frame.spending.spend(1) ?? run(frame), 1);
  }

  /** A variable or a type whose name has dots. */
  private named(node: Node): Code | undefined {
    if (node.kind !== 'select') return undefined;
    const name = dottedName(node);
    if (name === undefined || this.slotOf(name.slice(0, name.indexOf('.'))) !== undefined) return undefined;
    const root = this.names.root(name);
    if (root !== undefined) return this.root(root);
    const type = TYPE_VALUES.get(name);
    return type && constant(type);
  }

  private composed(node: Node): Code | undefined {
    if (node.kind !== 'select' || node.operand.kind !== 'ident' || node.operand.name !== 'variables') return undefined;
    if (this.slotOf('variables') !== undefined) return undefined;
    const index = this.names.composed(node.field);
    if (index === undefined) return undefined;
    const isOptional = node.optional;
    return code((frame) => {
      const over = frame.spending.spend(2);
      if (over !== undefined) return over;
      const value = frame.inputs.composed(index, frame.spending);
      return isError(value) || !isOptional ? value : new Optional(value);
    }, 1);
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

  /** A value that decides wins over an error on either side; a spent budget over both. */
  private logic({ kind, terms }: LogicNode): Code {
    const runs = terms.map((term) => this.compile(term).run);
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
    const { run } = this.compile(condition);
    const [yes, no] = [this.compile(then), this.compile(otherwise)];
    return code((frame) => {
      const value = run(frame);
      if (isError(value)) return value;
      if (typeof value !== 'boolean') return NO_OVERLOAD;
      const branch = value ? yes : no;
      return frame.spending.spend(-branch.discount) ?? branch.run(frame);
    });
  }

  private list({ items }: ListNode): Code {
    const codes = items.map(({ value }) => this.compile(value));
    const isConstant = codes.every((item) => item.isConstant) && items.every(({ optional }) => !optional);
    if (isConstant) return constant(new CelList(codes.map((item) => item.constant as Value)));
    return code((frame) => {
      const over = frame.spending.spend(LIST_UNITS);
      if (over !== undefined) return over;
      const values: Value[] = [];
      for (const [i, { run }] of codes.entries()) {
        const value = run(frame);
        if (isError(value)) return value;
        if (items[i]?.optional !== true) values.push(value);
        else if (!(value instanceof Optional)) return NO_OVERLOAD;
        else if (value.value !== undefined) values.push(value.value);
      }
      return new CelList(values);
    });
  }

  private map({ entries }: MapNode): Code {
    const codes = entries.map(({ key, value, optional }) => ({
      key: this.compile(key),
      value: this.compile(value),
      optional,
    }));
    const run: Run = (frame) => {
      const over = frame.spending.spend(MAP_UNITS);
      if (over !== undefined) return over;
      const made = new Map<MapKey, { key: Value; value: Value }>();
      for (const entry of codes) {
        const key = entry.key.run(frame);
        if (isError(key)) return key;
        const value = entry.value.run(frame);
        if (isError(value)) return value;
        const own = mapKey(key);
        if (own === undefined || typeof key === 'number') return UNSUPPORTED_KEY;
        // The last of equal keys wins, as in Kubernetes.
        if (!entry.optional) made.set(own, { key, value });
        else if (!(value instanceof Optional)) return NO_OVERLOAD;
        else if (value.value !== undefined) made.set(own, { key, value: value.value });
      }
      return new CelMap(made);
    };
    const isConstant = codes.every(({ key, value, optional }) => key.isConstant && value.isConstant && !optional);
    const value = isConstant ? run(emptyFrame()) : NO_OVERLOAD;
    return isError(value) ? code(run) : constant(value);
  }

  private call(node: CallNode): Code {
    const macro = macroOf(node);
    if (macro !== undefined) {
      switch (macro.macro) {
        case 'has':
          return this.presence(macro);
        case 'comprehension':
          return code(compileComprehension(this, macro));
        case 'optMap':
        case 'optFlatMap':
          return code(compileOptionalMap(this, macro));
        case 'bad':
          return code(() => NO_OVERLOAD);
      }
    }
    const global = this.globalName(node);
    if (global !== undefined || node.target === undefined) {
      const name = global ?? node.name;
      const args = node.args.map((arg) => this.compile(arg));
      return this.fold(node, name, args, this.dispatch(this.available(GLOBAL_FUNCTIONS, name, args.length), args));
    }
    const target = this.compile(node.target);
    if ((node.name === 'or' || node.name === 'orValue') && node.args.length === 1)
      return this.alternative(node, target);
    const args = [target, ...node.args.map((arg) => this.compile(arg))];
    this.patternOf(node, args[1]);
    return code(this.dispatch(this.available(MEMBER_FUNCTIONS, node.name, args.length), args));
  }

  /** `sets.contains(…)`, where `sets` is no variable. */
  private globalName({ name, target }: CallNode): string | undefined {
    const namespace = target?.kind === 'ident' ? target.name : undefined;
    if (namespace === undefined || !NAMESPACES.has(namespace)) return undefined;
    if (this.slotOf(namespace) !== undefined || this.names.root(namespace) !== undefined) return undefined;
    const whole = `${namespace}.${name}`;
    return GLOBAL_FUNCTIONS.has(whole) ? whole : undefined;
  }

  private available(table: ReadonlyMap<string, readonly Overload[]>, name: string, count: number): readonly Overload[] {
    return (table.get(name) ?? []).filter(({ params, since }) => params.length === count && this.isSince(since));
  }

  private dispatch(overloads: readonly Overload[], args: readonly Code[]): Run {
    const runs = args.map(({ run }) => run);
    const [only] = overloads;
    const find = (values: readonly Value[]): Overload | undefined =>
      overloads.length === 1 && only !== undefined && accepts(only, values)
        ? only
        : overloads.find((overload) => accepts(overload, values));
    return (frame) => {
      const values: Value[] = [];
      for (const run of runs) {
        const value = run(frame);
        if (isError(value)) return value;
        values.push(value);
      }
      const overload = find(values);
      if (overload === undefined) return NO_OVERLOAD;
      return frame.spending.spend(overload.cost(values)) ?? overload.run(values, frame.spending);
    };
  }

  /** A conversion of a constant is one, and its error is one of the text. */
  private fold(node: CallNode, name: string, [argument, ...more]: readonly Code[], run: Run): Code {
    if (!CONVERSIONS.has(name) || argument?.isConstant !== true || more.length > 0) return code(run);
    const value = run(emptyFrame());
    if (!isError(value)) return constant(value);
    this.problems.push({ message: value.message, span: node });
    return code(run);
  }

  private patternOf({ name, args: [node] }: CallNode, argument: Code | undefined): void {
    if (!PATTERN_FUNCTIONS_NAMES.has(name) || node === undefined || typeof argument?.constant !== 'string') return;
    const pattern = patternOf(argument.constant);
    if (pattern instanceof BadPattern) this.problems.push({ message: pattern.message, span: node });
    else this.patterns.push(argument.constant);
  }

  /** `a.or(b)`, `a.orValue(b)`: the alternative is looked at only where it is needed. */
  private alternative({ name, args }: CallNode, target: Code): Code {
    const [node] = args;
    const other = node === undefined ? constant(null) : this.compile(node);
    const unwraps = name === 'orValue';
    const { run } = target;
    return code((frame) => {
      const value = run(frame);
      if (isError(value)) return value;
      if (!(value instanceof Optional)) return NO_OVERLOAD;
      if (value.value !== undefined) return unwraps ? value.value : value;
      const instead = other.run(frame);
      return isError(instead) || unwraps || instead instanceof Optional ? instead : NO_OVERLOAD;
    });
  }

  private presence({ field }: Presence): Code {
    const operand = this.base(field.operand);
    const { run } = operand;
    return code((frame: Frame) => {
      const value = run(frame);
      return isError(value) ? value : access.has(value, field.field);
    });
  }
}

const UNSUPPORTED_KEY = new CelError('unsupported key type');

const emptyFrame = (): Frame => ({ inputs: NOTHING, spending: new Spending(), slots: [] });

export const isMapValue = isMap;
