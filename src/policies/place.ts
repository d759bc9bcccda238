import { childPath, indexPath } from '../api/cause.js';
import { Compiler } from './cel/evaluate/compiler.js';
import type { Inputs, Run } from './cel/evaluate/frame.js';
import type { Spending } from './cel/evaluate/spending.js';
import { macroOf, type Comprehension } from './cel/macros.js';
import type { CallNode, Node } from './cel/parse/node.js';
import { isError } from './cel/values/errors.js';
import { isList, isMap, itemAt, keysOf, memberOf, sizeOfList } from './cel/values/json.js';
import type { Result, Value } from './cel/values/values.js';
import type { CompiledPolicy } from './compile-policy.js';
import { READY_VARIABLES } from './ready-variables.js';
import { readyOf } from './environments.js';

/*
 * Where in an object a validation fails: found by evaluating its parts once more, after it has failed. What a rule
 * reads remembers its path through variables, filters and defaults.
 */

/** An item that is looked at costs this much besides its expression. */
const STEPS_PER_ITEM = 20;

/** A variable of a comprehension. */
interface Bound {
  readonly value: Value;
  readonly path: string | undefined;
}
type Scope = ReadonlyMap<string, Bound>;
const EMPTY: Scope = new Map();

/** Functions whose result is still their first argument, in another form. */
const SAME = new Set(['quantity', 'string', 'int', 'double', 'dyn', 'size', 'url', 'ip', 'cidr', 'semver']);
const SAME_OF_TARGET = new Set([
  'orValue',
  'or',
  'value',
  'asInteger',
  'asApproximateFloat',
  'lowerAscii',
  'upperAscii',
  'trim',
]);

interface Part {
  readonly run: Run;
  /** The slots of the variables around it, in order. */
  readonly used: readonly number[];
}
const parts = new WeakMap<Node, Part>();

export interface Place {
  /** A JSON path; empty where nothing of the object was read. */
  readonly path: string;
  /** What was compared there, as it is written, with what it is. */
  readonly operand: { readonly node: Node; readonly value: Value } | undefined;
}

/** What is searched. */
interface Over {
  readonly inputs: Inputs;
  /** Where the spec of the instance is in the object. */
  readonly instance: string;
}

class Search {
  constructor(
    private readonly policy: CompiledPolicy,
    private readonly over: Over,
    private readonly spending: Spending,
  ) {}

  evaluate(node: Node, scope: Scope): Result {
    const { run, used } = this.compiled(node, scope);
    const slots: Result[] = [];
    let i = 0;
    for (const { value } of scope.values()) {
      slots[used[i] ?? 0] = value;
      i += 1;
    }
    return run({ inputs: this.over.inputs, spending: this.spending, slots });
  }

  /** A part, compiled once however often objects fail at it: a node belongs to one expression and its variables. */
  private compiled(node: Node, scope: Scope): Part {
    const known = parts.get(node);
    if (known !== undefined) return known;
    const compiler = new Compiler(this.policy.environment);
    const part = compiler.within([...scope.keys()], (used) => ({ run: compiler.compile(node).run, used }));
    parts.set(node, part);
    return part;
  }

  /** The place of a condition that is not what it should be. */
  blame(node: Node, wanted: boolean, scope: Scope): Place | undefined {
    if (this.spending.step(1) !== undefined) return undefined;
    switch (node.kind) {
      case 'and':
      case 'or':
        return this.blameTerm(node.terms, node.kind === 'and', wanted, scope);
      case 'unary':
        return node.operator === '!' ? this.blame(node.operand, !wanted, scope) : undefined;
      case 'conditional':
        return this.blame(this.branch(node.condition, node.then, node.otherwise, scope), wanted, scope);
      case 'binary':
        return this.compared(node.left, scope) ?? this.compared(node.right, scope);
      case 'call':
        return this.blameCall(node, wanted, scope);
      default:
        return this.compared(node, scope);
    }
  }

  private branch(condition: Node, then: Node, otherwise: Node, scope: Scope): Node {
    return this.evaluate(condition, scope) === true ? then : otherwise;
  }

  private blameTerm(terms: readonly Node[], all: boolean, wanted: boolean, scope: Scope): Place | undefined {
    // One term that decides is to blame; where all had to, the last, before which guards stand.
    const one = all === wanted ? terms.find((term) => this.evaluate(term, scope) === !wanted) : undefined;
    if (one !== undefined) return this.blame(one, wanted, scope);
    for (const term of terms.toReversed()) {
      const place = this.blame(term, wanted, scope);
      if (place !== undefined) return place;
    }
    return undefined;
  }

  private blameCall(node: CallNode, wanted: boolean, scope: Scope): Place | undefined {
    const macro = macroOf(node);
    if (macro?.macro === 'has') return this.compared(macro.field, scope);
    if (macro?.macro === 'comprehension') return this.blameItem(macro, wanted, scope);
    const [first] = node.args;
    return (
      (node.target && this.compared(node.target, scope)) ??
      (first === undefined ? undefined : this.compared(first, scope))
    );
  }

  /** The item for which `all` is false, or `exists` true. */
  private blameItem(macro: Comprehension, wanted: boolean, scope: Scope): Place | undefined {
    const range = this.pathOf(macro.range, scope);
    const whole = range === undefined ? undefined : { path: range, operand: undefined };
    const decides = macro.kind === 'all' ? false : macro.kind === 'exists' ? true : undefined;
    const [name = '', second] = macro.names;
    if (decides === undefined || decides === wanted || second !== undefined) return whole;
    for (const item of this.itemsOf(macro.range, scope)) {
      if (this.spending.step(STEPS_PER_ITEM) !== undefined) break;
      const inner = new Map(scope).set(name, item);
      if (this.evaluate(macro.body, inner) !== decides) continue;
      return (
        this.blame(macro.body, wanted, inner) ??
        (item.path === undefined ? whole : { path: item.path, operand: undefined })
      );
    }
    return whole;
  }

  /** The items of a list with their paths, also of one that a filter made; the keys of a map. */
  private *itemsOf(range: Node, scope: Scope): Generator<Bound> {
    const macro = range.kind === 'call' ? macroOf(range) : undefined;
    if (macro?.macro === 'comprehension' && macro.kind === 'filter') {
      for (const item of this.itemsOf(macro.range, scope)) {
        if (this.spending.step(STEPS_PER_ITEM) !== undefined) return;
        const inner = new Map(scope).set(macro.names[0] ?? '', item);
        if (this.evaluate(macro.body, inner) === true) yield item;
      }
      return;
    }
    const list = this.evaluate(range, scope);
    const path = this.pathOf(range, scope);
    if (isError(list)) return;
    if (isList(list)) {
      for (let i = 0; i < sizeOfList(list); i += 1) {
        const value = itemAt(list, i);
        if (!isError(value)) yield { value, path: path === undefined ? undefined : indexPath(path, i) };
      }
    } else if (isMap(list)) {
      for (const key of keysOf(list, this.spending)) {
        const isText = typeof key === 'string' && memberOf(list, key) !== undefined;
        yield { value: key, path: path === undefined || !isText ? path : childPath(path, key) };
      }
    }
  }

  private compared(node: Node, scope: Scope): Place | undefined {
    const path = this.pathOf(node, scope);
    if (path === undefined) return undefined;
    const value = this.evaluate(node, scope);
    return { path, operand: isError(value) ? undefined : { node, value } };
  }

  /** The path in the object of what a node gives. */
  private pathOf(node: Node, scope: Scope): string | undefined {
    // Variables that each use another one twice would be walked through for ever.
    if (this.spending.step(1) !== undefined) return undefined;
    switch (node.kind) {
      case 'ident':
        return scope.has(node.name) ? scope.get(node.name)?.path : this.root(node.name);
      case 'select': {
        if (node.operand.kind === 'ident' && node.operand.name === 'variables' && !scope.has('variables')) {
          return this.variable(node.field);
        }
        const of = this.pathOf(node.operand, scope);
        return of === undefined ? undefined : childPath(of, node.field);
      }
      case 'index': {
        const of = this.pathOf(node.operand, scope);
        const key = of === undefined ? undefined : this.evaluate(node.index, scope);
        if (of === undefined) return undefined;
        if (typeof key === 'string') return childPath(of, key);
        return typeof key === 'bigint' ? indexPath(of, Number(key)) : of;
      }
      case 'conditional':
        return this.pathOf(this.branch(node.condition, node.then, node.otherwise, scope), scope);
      case 'binary':
        return this.pathOf(node.left, scope) ?? this.pathOf(node.right, scope);
      case 'unary':
        return this.pathOf(node.operand, scope);
      case 'call':
        return this.pathOfCall(node, scope);
      default:
        return undefined;
    }
  }

  /** What a default wrote is where the user would write it. */
  private root(name: string): string | undefined {
    return name === 'object' ? '' : name === 'effective' ? this.over.instance : undefined;
  }

  private pathOfCall(node: CallNode, scope: Scope): string | undefined {
    const macro = macroOf(node);
    if (macro?.macro === 'comprehension') return this.pathOf(macro.range, scope);
    if (macro?.macro === 'optMap' || macro?.macro === 'optFlatMap') return this.pathOf(macro.target, scope);
    const { target, name, args } = node;
    if (target !== undefined)
      return SAME_OF_TARGET.has(name) || args.length < 2 ? this.pathOf(target, scope) : undefined;
    const [first] = args;
    return SAME.has(name) && first !== undefined ? this.pathOf(first, scope) : undefined;
  }

  private variable(name: string): string | undefined {
    const ready = READY_VARIABLES.findIndex((variable) => variable.name === name);
    const own = this.policy.spec.variables?.findIndex((variable) => variable.name === name) ?? -1;
    const program = ready >= 0 ? readyOf(this.policy.version).programs[ready] : this.policy.variables[own];
    return program && this.pathOf(program.node, EMPTY);
  }
}

/** Where nothing was found, or nothing is left to look for it. */
export const NOWHERE: Place = { path: 'spec', operand: undefined };

/** Where a validation that is false fails. */
export const placeOf = (policy: CompiledPolicy, node: Node, over: Over, spending: Spending): Place =>
  new Search(policy, over, spending).blame(node, true, EMPTY) ?? NOWHERE;
