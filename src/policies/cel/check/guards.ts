import { macroOf, type Comprehension } from '../macros.js';
import { dottedName, type CallNode, type Node, type SelectNode } from '../parse/node.js';
import type { Problem } from './checking.js';
import type { CelType } from './types.js';

/*
 * Fields that may be absent and are read without a guard: the commonest mistake of policies, which shows only when an
 * object comes that lacks the field. Guards are has(p), 'k' in m, and what is optional (.?); since && and || forgive an
 * error where the other side decides, a guard may stand on either side.
 */

type Facts = ReadonlySet<string>;
type Scope = ReadonlyMap<string, CelType>;

const NONE: Facts = new Set();
const union = (sets: Iterable<Facts>): Facts => new Set(Array.from(sets).flatMap((facts) => [...facts]));

/** What must be there where a condition is true, or false. */
const factsOf = (node: Node, holds: boolean): Facts => {
  switch (node.kind) {
    case 'unary':
      return node.operator === '!' ? factsOf(node.operand, !holds) : NONE;
    case 'and':
      return holds ? union(node.terms.map((term) => factsOf(term, true))) : NONE;
    case 'or':
      return holds ? NONE : union(node.terms.map((term) => factsOf(term, false)));
    case 'binary':
      return holds && node.operator === 'in' ? keyFacts(node.left, node.right) : NONE;
    case 'call':
      return holds ? presenceFacts(node) : NONE;
    default:
      return NONE;
  }
};

/** `'k' in m`. */
const keyFacts = (key: Node, map: Node): Facts => {
  const name = dottedName(map);
  return key.kind === 'literal' && typeof key.value === 'string' && name !== undefined
    ? new Set([`${name}.${key.value}`])
    : NONE;
};

/** has(a.b) says that a.b is there. */
const presenceFacts = (node: CallNode): Facts => {
  const macro = macroOf(node);
  const name = macro?.macro === 'has' ? dottedName(macro.field) : undefined;
  return name === undefined ? NONE : new Set([name]);
};

const plain = (type: CelType | undefined): CelType | undefined => (type?.kind === 'nullable' ? plain(type.of) : type);

class Guards {
  readonly problems = new Map<string, Problem>();

  look(node: Node, scope: Scope, facts: Facts): void {
    switch (node.kind) {
      case 'select':
        this.look(node.operand, scope, facts);
        this.select(node, scope, facts);
        return;
      case 'index':
        this.look(node.operand, scope, facts);
        this.look(node.index, scope, facts);
        return;
      case 'call':
        this.call(node, scope, facts);
        return;
      case 'unary':
        this.look(node.operand, scope, facts);
        return;
      case 'binary':
        this.look(node.left, scope, facts);
        this.look(node.right, scope, facts);
        return;
      case 'and':
      case 'or':
        this.terms(node.terms, node.kind === 'and', scope, facts);
        return;
      case 'conditional':
        this.look(node.condition, scope, facts);
        this.look(node.then, scope, union([facts, factsOf(node.condition, true)]));
        this.look(node.otherwise, scope, union([facts, factsOf(node.condition, false)]));
        return;
      case 'list':
        for (const { value } of node.items) this.look(value, scope, facts);
        return;
      case 'map':
        for (const { key, value } of node.entries) for (const part of [key, value]) this.look(part, scope, facts);
        return;
      case 'literal':
      case 'ident':
      case 'message':
    }
  }

  /** Each is guarded by all others: where one decides, an error in another is forgiven. */
  private terms(terms: readonly Node[], holds: boolean, scope: Scope, facts: Facts): void {
    const own = terms.map((term) => factsOf(term, holds));
    for (const [i, term] of terms.entries()) {
      this.look(term, scope, union([facts, ...own.filter((_, other) => other !== i)]));
    }
  }

  private call(node: CallNode, scope: Scope, facts: Facts): void {
    const macro = macroOf(node);
    if (macro?.macro === 'has') {
      this.look(macro.field.operand, scope, facts);
    } else if (macro?.macro === 'comprehension') {
      this.look(macro.range, scope, facts);
      this.comprehension(macro, scope, facts);
    } else if (macro?.macro === 'optMap' || macro?.macro === 'optFlatMap') {
      this.look(macro.target, scope, facts);
      this.look(macro.body, without(scope, [macro.name]), facts);
    } else {
      for (const part of [...(node.target === undefined ? [] : [node.target]), ...node.args]) {
        this.look(part, scope, facts);
      }
    }
  }

  private comprehension(macro: Comprehension, scope: Scope, facts: Facts): void {
    const range = plain(typeOf(macro.range, scope));
    const [name = ''] = macro.names;
    const inner = new Map(without(scope, macro.names));
    if (range?.kind === 'list' && macro.names.length === 1) inner.set(name, range.item);
    const known = union([facts, itemFacts(macro.range, name)]);
    if (macro.filter !== undefined) this.look(macro.filter, inner, known);
    this.look(macro.body, inner, macro.filter === undefined ? known : union([known, factsOf(macro.filter, true)]));
  }

  private select(node: SelectNode, scope: Scope, facts: Facts): void {
    if (node.optional) return;
    const of = plain(typeOf(node.operand, scope));
    const name = dottedName(node);
    if (of?.kind !== 'object' || name === undefined || facts.has(name)) return;
    const field = of.shape.field(node.field);
    if (field === undefined || field.required || field.node === undefined) return;
    // One place is told once, and not what lies behind it.
    const outer = dottedName(node.operand) ?? '';
    if ([...this.problems.keys()].some((told) => outer === told || outer.startsWith(`${told}.`))) return;
    const message = `${node.field} may be absent: write .?${node.field}, or has(${name}) && before it`;
    this.problems.set(name, { message, span: node.at });
  }
}

const without = (scope: Scope, names: readonly string[]): Scope =>
  new Map([...scope].filter(([name]) => !names.includes(name)));

/** What a filter has seen of each item: `filter(v, has(v.x))`. */
const itemFacts = (range: Node, name: string): Facts => {
  const macro = range.kind === 'call' ? macroOf(range) : undefined;
  if (macro?.macro !== 'comprehension' || macro.kind !== 'filter') return NONE;
  const [own = ''] = macro.names;
  const facts = [...factsOf(macro.body, true)].filter((fact) => fact.startsWith(`${own}.`));
  return new Set([...facts.map((fact) => name + fact.slice(own.length)), ...itemFacts(macro.range, name)]);
};

/** The type of a path, as far as schemas know it; filtered lists keep theirs. */
const typeOf = (node: Node, scope: Scope): CelType | undefined => {
  if (node.kind === 'ident') return scope.get(node.name);
  if (node.kind === 'index') {
    const of = plain(typeOf(node.operand, scope));
    return of?.kind === 'list' && !node.optional ? of.item : undefined;
  }
  if (node.kind === 'call') {
    const macro = macroOf(node);
    return macro?.macro === 'comprehension' && macro.kind === 'filter' ? typeOf(macro.range, scope) : undefined;
  }
  if (node.kind !== 'select' || node.optional) return undefined;
  const of = plain(typeOf(node.operand, scope));
  return of?.kind === 'object' ? of.shape.field(node.field)?.type : undefined;
};

/** The names of all fields that has() asks for. */
export const askedFor = (node: Node): Facts => {
  if (node.kind === 'call') {
    const parts = [...(node.target === undefined ? [] : [node.target]), ...node.args];
    return union([presenceFacts(node), ...parts.map(askedFor)]);
  }
  switch (node.kind) {
    case 'select':
    case 'unary':
      return askedFor(node.operand);
    case 'index':
      return union([askedFor(node.operand), askedFor(node.index)]);
    case 'binary':
      return union([askedFor(node.left), askedFor(node.right)]);
    case 'and':
    case 'or':
      return union(node.terms.map(askedFor));
    case 'conditional':
      return union([node.condition, node.then, node.otherwise].map(askedFor));
    default:
      return NONE;
  }
};

/** What is read without a guard though it may be absent. */
export const unguarded = (node: Node, variables: ReadonlyMap<string, CelType>): readonly Problem[] => {
  const guards = new Guards();
  guards.look(node, variables, NONE);
  return [...guards.problems.values()];
};
