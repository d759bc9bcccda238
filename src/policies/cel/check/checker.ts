import { dottedName, headOf, type ListNode, type MapNode, type Node, type Span } from '../parse/node.js';
import { Bytes, Uint } from '../values/values.js';
import { checkCall } from './calls.js';
import type { Checked, CheckerNames, Checking, Problem } from './checking.js';
import { unknownField } from './fields.js';
import { newerText, unknownVariable } from './hints.js';
import { literalsProblem, type Literal } from './literals.js';
import { INDEX_SIGNATURES, OPERATOR_SIGNATURES, Resolver, UNARY_SIGNATURES } from './overloads.js';
import * as types from './types.js';
import { BOOL, DYN, FAILED, STRING, TYPE_NAMES, typeText, type CelType } from './types.js';
import { Bindings, isAssignable, isMoreGeneral } from './unify.js';

/*
 * The types of an expression, as cel-go's checker infers them. Where Kubernetes knows no types (`object`), ours knows
 * the schema: then the same checker runs once more, over those (`strict` false: what Kubernetes asks of literals was
 * asked the first time).
 */

const literalType = (value: unknown): CelType => {
  if (value === null) return types.NULL;
  if (value instanceof Uint) return types.UINT;
  if (value instanceof Bytes) return types.BYTES;
  switch (typeof value) {
    case 'boolean':
      return BOOL;
    case 'bigint':
      return types.INT;
    case 'number':
      return types.DOUBLE;
    default:
      return STRING;
  }
};

export class Checker implements Checking {
  readonly problems: Problem[] = [];
  readonly bindings = new Bindings();
  readonly resolver: Resolver;
  readonly scopes: (readonly [name: string, type: CelType])[] = [];
  private readonly literals: Literal[] = [];
  loops = 0;
  formats = 0;

  constructor(
    readonly names: CheckerNames,
    readonly strict: boolean,
  ) {
    this.resolver = new Resolver(this.bindings, names.version);
  }

  whole(node: Node): Checked {
    const type = this.bindings.resolve(this.check(node), true);
    if (this.strict) {
      for (const literal of this.literals) {
        const problem = literalsProblem(literal, this.bindings);
        if (problem !== undefined) this.problems.push(problem);
      }
    }
    return { type, problems: this.problems };
  }

  /** The type of a part, once more; its problems are told already. */
  typeOf(node: Node): CelType {
    const again = new Checker(this.names, false);
    again.scopes.push(...this.scopes);
    return again.bindings.resolve(again.check(node), true);
  }

  check(node: Node): CelType {
    switch (node.kind) {
      case 'literal':
        return literalType(node.value);
      case 'ident':
        return this.ident(node.name, node.absolute, node);
      case 'select':
        return this.named(node) ?? this.selected(this.check(node.operand), node.field, node.optional, node.at, node);
      case 'index':
        return this.indexed(this.check(node.operand), this.check(node.index), node.optional, node);
      case 'call':
        return checkCall(this, node);
      case 'unary': {
        const operand = this.check(node.operand);
        const type = this.resolver.resolve(UNARY_SIGNATURES[node.operator], [operand]);
        return type ?? this.noOverload(node.operator, [operand], node);
      }
      case 'binary': {
        const args = [this.check(node.left), this.check(node.right)];
        const type = this.resolver.resolve(OPERATOR_SIGNATURES[node.operator], args);
        return type ?? this.noOverload(node.operator, args, node.at);
      }
      case 'and':
      case 'or':
        for (const term of node.terms) this.wantBool(term, this.check(term));
        return BOOL;
      case 'conditional': {
        this.wantBool(node.condition, this.check(node.condition));
        const [then, otherwise] = [this.check(node.then), this.check(node.otherwise)];
        return this.joined(then, otherwise) ?? this.noOverload('?:', [then, otherwise], node.then);
      }
      case 'list':
        return this.list(node);
      case 'map':
        return this.map(node);
      case 'message':
        return this.fail(`${node.name}{…} is a protobuf message, which policies do not have`, node);
    }
  }

  fail(message: string, span: Span, guarded = false): CelType {
    this.problems.push({ message, span: { start: span.start, end: span.end }, ...(guarded && { guarded }) });
    return FAILED;
  }

  private noOverload(name: string, args: readonly CelType[], span: Span): CelType {
    if (args.includes(FAILED)) return FAILED;
    const given = args.map((type) => typeText(this.bindings.resolve(type, true))).join(', ');
    return this.fail(`found no matching overload for '${name}' applied to (${given})`, span);
  }

  wantBool(node: Node, type: CelType): void {
    if (isAssignable(this.bindings, type, BOOL)) return;
    this.fail(`this must be a bool, and is ${typeText(this.bindings.resolve(type, true))}`, node);
  }

  scopeOf(name: string): CelType | undefined {
    return this.scopes.findLast(([known]) => known === name)?.[1];
  }

  private ident(name: string, absolute: boolean, span: Span): CelType {
    const type = (absolute ? undefined : this.scopeOf(name)) ?? this.names.variables.get(name);
    if (type !== undefined) return type;
    const named = TYPE_NAMES.get(name);
    if (named !== undefined) return types.typeOf(named);
    return this.fail(
      unknownVariable(name, [...this.names.variables.keys(), ...this.scopes.map(([known]) => known)]),
      span,
    );
  }

  /** A variable or a type whose name has dots. */
  private named(node: Node): CelType | undefined {
    const head = headOf(node);
    if (head === undefined || !this.names.heads.has(head) || this.scopeOf(head) !== undefined) return undefined;
    const name = dottedName(node) ?? head;
    const named = TYPE_NAMES.get(name);
    return this.names.variables.get(name) ?? (named && types.typeOf(named));
  }

  private selected(operand: CelType, field: string, optional: boolean, at: Span, node: Node): CelType {
    const of = this.bindings.resolve(operand);
    if (of.kind === 'optional') return types.optionalOf(this.fieldOf(of.of, field, at, node, true));
    const type = this.fieldOf(of, field, at, node, optional);
    if (!optional) return type;
    if (this.names.version < 28) this.fail(newerText('optional fields: .?', 28, this.names.version), at);
    return types.optionalOf(type);
  }

  fieldOf(type: CelType, field: string, at: Span, node: Node, guarded = false): CelType {
    const of = this.bindings.resolve(type);
    switch (of.kind) {
      case 'dyn':
        return DYN;
      case 'param':
        this.bindings.bind(of.name, DYN);
        return DYN;
      case 'nullable':
        return this.fieldOf(of.of, field, at, node, guarded);
      case 'map':
        return isAssignable(this.bindings, STRING, of.key) ? of.value : this.noOverload('_.field', [of], at);
      case 'object': {
        const found = of.shape.field(field);
        return found?.type ?? this.fail(unknownField(of.shape, field, node), at, guarded);
      }
      default:
        return this.fail(`type ${typeText(of)} does not support field selection`, at);
    }
  }

  private indexed(operand: CelType, key: CelType, optional: boolean, node: Node): CelType {
    const of = this.bindings.resolve(operand);
    const [inner, wraps] = of.kind === 'optional' ? [of.of, true] : [of, optional];
    const plain = inner.kind === 'nullable' ? inner.of : inner;
    const index = node.kind === 'index' ? node.index : node;
    const found = this.itemOf(plain, key, index) ?? this.noOverload('_[_]', [plain, key], node);
    return wraps ? types.optionalOf(found) : found;
  }

  private itemOf(of: CelType, key: CelType, index: Node): CelType | undefined {
    if (of.kind === 'dyn') return DYN;
    if (of.kind !== 'object') return this.resolver.resolve(INDEX_SIGNATURES, [of, key]);
    if (index.kind === 'literal' && typeof index.value === 'string') {
      return of.shape.field(index.value)?.type ?? this.fail(unknownField(of.shape, index.value, index), index);
    }
    return isAssignable(this.bindings, key, STRING) ? DYN : undefined;
  }

  /** The more general of two types; undefined where neither may stand for the other. */
  private joined(one: CelType, other: CelType): CelType | undefined {
    const [a, b] = [this.bindings.resolve(one), this.bindings.resolve(other)];
    if (isAssignable(this.bindings, b, a)) return isMoreGeneral(b, a) && !isMoreGeneral(a, b) ? b : a;
    return isAssignable(this.bindings, a, b) ? b : undefined;
  }

  private list(node: ListNode): CelType {
    const items = node.items.map(({ value, optional }) => this.item(value, optional));
    this.literals.push({ nodes: node.items.map(({ value }) => value), types: items, exempt: this.formats > 0 });
    let type: CelType | undefined;
    for (const item of items) type = type === undefined ? item : (this.joined(type, item) ?? DYN);
    return types.listOf(type ?? this.resolver.newParam());
  }

  private item(value: Node, optional: boolean): CelType {
    const type = this.check(value);
    if (!optional) return type;
    const of = this.resolver.newParam();
    if (isAssignable(this.bindings, type, types.optionalOf(of))) return of;
    return this.fail(`this must be an optional value, and is ${typeText(this.bindings.resolve(type, true))}`, value);
  }

  private map(node: MapNode): CelType {
    const keys = node.entries.map(({ key }) => this.check(key));
    const values = node.entries.map(({ value, optional }) => this.item(value, optional));
    const exempt = this.formats > 0;
    this.literals.push({ nodes: node.entries.map(({ key }) => key), types: keys, exempt });
    this.literals.push({ nodes: node.entries.map(({ value }) => value), types: values, exempt });
    const join = (all: readonly CelType[]): CelType => {
      let type: CelType | undefined;
      for (const one of all) type = type === undefined ? one : (this.joined(type, one) ?? DYN);
      return type ?? this.resolver.newParam();
    };
    return types.mapOf(join(keys), join(values));
  }
}
