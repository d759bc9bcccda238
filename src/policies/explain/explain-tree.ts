import { childrenOf } from '../cel/children.js';
import { Compiler } from '../cel/evaluate/compiler.js';
import type { Inputs } from '../cel/evaluate/frame.js';
import { Spending } from '../cel/evaluate/spending.js';
import { BUDGET } from '../cel/limits.js';
import { macroOf, type Comprehension } from '../cel/macros.js';
import type { Node } from '../cel/parse/node.js';
import { isError } from '../cel/values/errors.js';
import { isList, isMap, itemAt, keysOf, sizeOfList } from '../cel/values/json.js';
import type { Result, Value } from '../cel/values/values.js';
import type { CompiledPolicy } from '../compile-policy.js';
import { Secrets, variableOf, type SecretScope } from '../secrets.js';
import { shownValue } from './shown-value.js';

/*
 * How an expression comes to its value: its parts, each with what it gives and costs, and those that are not looked at.
 */

export interface Part {
  /** As it is written. */
  readonly text: string;
  /** Undefined where it is not looked at. */
  readonly value: string | undefined;
  /** In Kubernetes' units, its own parts included. */
  readonly cost: number;
  /** Of an item of a list: which. */
  readonly item?: string;
  readonly parts: readonly Part[];
}

const MOST_PARTS = 300;
const MOST_DEPTH = 30;
const MOST_TEXT = 120;

type Scope = ReadonlyMap<string, Value>;

const oneLine = (text: string): string => {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length <= MOST_TEXT ? line : `${line.slice(0, MOST_TEXT - 1)}…`;
};

/** Names one after the other: a whole that has no parts worth a line. */
const isPath = (node: Node): boolean => {
  if (node.kind === 'ident' || node.kind === 'literal') return true;
  if (node.kind === 'select') return isPath(node.operand);
  return node.kind === 'index' && isPath(node.operand) && node.index.kind === 'literal';
};

/** What stands there needs no line of its own. */
const isWrittenOut = (node: Node): boolean =>
  node.kind === 'literal' || ((node.kind === 'list' || node.kind === 'map') && childrenOf(node).every(isWrittenOut));

class Explainer {
  private left = MOST_PARTS;
  private steps: number = 2 * BUDGET.steps;
  private readonly secrets: Secrets;
  /** Variables whose expressions were shown: once is enough. */
  private readonly known = new Set<string>();

  constructor(
    private readonly policy: CompiledPolicy,
    private readonly inputs: Inputs,
    /** Of the expression whose nodes are looked at. */
    private text: string,
    private readonly showAll: boolean,
  ) {
    this.secrets = new Secrets(policy);
  }

  part(node: Node, scope: Scope, secret: SecretScope, depth = 0): Part {
    this.left -= 1;
    const { value, cost } = this.evaluate(node, scope);
    const goesOn = this.left > 0 && depth < MOST_DEPTH;
    return {
      ...{ text: this.written(node), cost },
      value: this.shown(node, value, secret),
      parts: goesOn ? this.parts(node, scope, secret, depth + 1) : [],
    };
  }

  private written({ start, end }: Node): string {
    return oneLine(this.text.slice(start, end));
  }

  private shown(node: Node, value: Result, secret: SecretScope): string {
    const isHidden = !this.showAll && typeof value !== 'boolean' && this.secrets.reads(node, secret);
    if (!isHidden) return shownValue(value, this.showAll);
    // An error may name what it could not read.
    return isError(value) ? 'error: <hidden>' : '<hidden>';
  }

  private evaluate(node: Node, scope: Scope): { readonly value: Result; readonly cost: number } {
    const compiler = new Compiler(this.policy.environment);
    const spending = new Spending(BUDGET.expression, Math.max(0, Math.min(BUDGET.steps, this.steps)));
    const value = compiler.within([...scope.keys()], (slots) => {
      const { run } = compiler.compile(node);
      const values: Result[] = [];
      for (const [i, each] of [...scope.values()].entries()) values[slots[i] ?? 0] = each;
      return run({ inputs: this.inputs, spending, slots: values });
    });
    this.steps -= spending.steps + node.size;
    return { value: spending.exhausted ?? value, cost: spending.units };
  }

  private unseen(node: Node): Part {
    this.left -= 1;
    return { text: this.written(node), value: undefined, cost: 0, parts: [] };
  }

  private parts(node: Node, scope: Scope, secret: SecretScope, depth: number): readonly Part[] {
    if (isPath(node)) return this.variable(node, depth);
    switch (node.kind) {
      case 'and':
      case 'or':
        return this.terms(node.terms, node.kind === 'or', scope, secret, depth);
      case 'conditional': {
        const { value } = this.evaluate(node.condition, scope);
        const branch = (one: Node, wanted: boolean): Part =>
          value === wanted ? this.part(one, scope, secret, depth) : this.unseen(one);
        return [
          this.part(node.condition, scope, secret, depth),
          branch(node.then, true),
          branch(node.otherwise, false),
        ];
      }
      case 'call': {
        const macro = macroOf(node);
        if (macro?.macro === 'comprehension') return this.rounds(macro, scope, secret, depth);
        if (macro?.macro === 'optMap' || macro?.macro === 'optFlatMap')
          return [this.part(macro.target, scope, secret, depth)];
        return this.below(node, scope, secret, depth);
      }
      default:
        return this.below(node, scope, secret, depth);
    }
  }

  /** `variables.NAME` is an expression of its own. */
  private variable(node: Node, depth: number): readonly Part[] {
    if (node.kind !== 'select') return [];
    if (node.operand.kind !== 'ident' || node.operand.name !== 'variables')
      return isPath(node.operand) ? this.variable(node.operand, depth) : [];
    // Those that every policy has are documented; here they would hide the policy.
    const own = this.policy.spec.variables?.some(({ name }) => name === node.field) === true;
    const program = own ? variableOf(this.policy, node.field) : undefined;
    if (program === undefined || this.known.has(node.field)) return [];
    this.known.add(node.field);
    const { text } = this;
    this.text = program.text;
    const part = this.part(program.node, new Map(), new Map(), depth);
    this.text = text;
    return [part];
  }

  private below(node: Node, scope: Scope, secret: SecretScope, depth: number): readonly Part[] {
    return childrenOf(node)
      .filter((child) => !isWrittenOut(child))
      .flatMap((child) => (this.left > 0 ? [this.part(child, scope, secret, depth)] : []));
  }

  /** Once one decides, the rest is not looked at. */
  private terms(terms: readonly Node[], decides: boolean, scope: Scope, secret: SecretScope, depth: number): Part[] {
    let decided = false;
    return terms.map((term) => {
      if (decided || this.left <= 0) return this.unseen(term);
      decided = this.evaluate(term, scope).value === decides;
      return this.part(term, scope, secret, depth);
    });
  }

  /** What is gone through, and the item that decides; where none does, the first. */
  private rounds(macro: Comprehension, scope: Scope, secret: SecretScope, depth: number): readonly Part[] {
    const range = isWrittenOut(macro.range) ? [] : [this.part(macro.range, scope, secret, depth)];
    const [name, second] = macro.names;
    if (name === undefined || second !== undefined) return range;
    const inner = this.secrets.within(secret, [name], this.secrets.reads(macro.range, secret));
    const decides = macro.kind === 'all' ? false : macro.kind === 'exists' ? true : undefined;
    const items = this.items(macro.range, scope);
    const found = items.findIndex((item) => {
      if (decides === undefined || this.steps <= 0) return true;
      return this.evaluate(macro.body, new Map(scope).set(name, item)).value === decides;
    });
    const index = found < 0 ? 0 : found;
    const item = items[index];
    if (item === undefined) return range;
    const body = this.part(macro.body, new Map(scope).set(name, item), inner, depth);
    return [...range, { ...body, item: `${name} is item ${index} of ${items.length}` }];
  }

  private items(range: Node, scope: Scope): readonly Value[] {
    const { value } = this.evaluate(range, scope);
    if (isError(value)) return [];
    if (isMap(value)) return keysOf(value, new Spending());
    if (!isList(value)) return [];
    const items = Array.from({ length: Math.min(sizeOfList(value), BUDGET.items) }, (_, i) => itemAt(value, i));
    return items.filter((item): item is Value => !isError(item));
  }
}

export interface ExplainTreeOptions {
  /** Whether secrets and whole values are shown. */
  readonly showAll: boolean;
}

export const explainTree = (
  policy: CompiledPolicy,
  { node, text }: { readonly node: Node; readonly text: string },
  inputs: Inputs,
  { showAll }: ExplainTreeOptions,
): Part => new Explainer(policy, inputs, text, showAll).part(node, new Map(), new Map());
