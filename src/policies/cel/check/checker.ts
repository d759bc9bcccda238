import { GLOBAL_FUNCTIONS, MEMBER_FUNCTIONS, NAMESPACES } from '../functions/table.js';
import type { Overload } from '../functions/declare.js';
import { macroOf, type Macro, type OptionalMap } from '../macros.js';
import { dottedName, type CallNode, type ListNode, type MapNode, type Node, type Span } from '../parse/node.js';
import { Bytes, Uint } from '../values/values.js';
import { newerText, overloadRemedy, unknownFunction, unknownVariable } from './hints.js';
import { literalsProblem, type Literal } from './literals.js';
import { INDEX_SIGNATURES, OPERATOR_SIGNATURES, Resolver, UNARY_SIGNATURES, signatureText } from './overloads.js';
import { comprehensionScope } from './ranges.js';
import * as types from './types.js';
import { BOOL, DYN, STRING, TYPE_NAMES, typeText, type CelType } from './types.js';
import { Bindings, isAssignable, isMoreGeneral } from './unify.js';
import { formatProblem } from './formats.js';
import { unknownField } from './fields.js';
import { TEXT_LIMITS } from '../limits.js';

/*
 * The types of an expression, as cel-go's checker infers them. Where Kubernetes knows no types (`object`), ours knows
 * the schema: then the same checker runs once more, over those (`strict` false: what Kubernetes asks of literals was
 * asked the first time).
 */

export interface Problem {
  readonly message: string;
  readonly span: Span;
}

export interface CheckerNames {
  readonly version: number;
  readonly variables: ReadonlyMap<string, CelType>;
}

export interface Checked {
  readonly type: CelType;
  readonly problems: readonly Problem[];
}

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

export class Checker {
  readonly problems: Problem[] = [];
  private readonly bindings = new Bindings();
  private readonly resolver: Resolver;
  private readonly scopes: (readonly [name: string, type: CelType])[] = [];
  private readonly literals: Literal[] = [];
  private loops = 0;
  private formats = 0;

  constructor(
    private readonly names: CheckerNames,
    private readonly strict: boolean,
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

  private check(node: Node): CelType {
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
        return this.call(node);
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

  private fail(message: string, span: Span): CelType {
    this.problems.push({ message, span: { start: span.start, end: span.end } });
    return DYN;
  }

  private noOverload(name: string, args: readonly CelType[], span: Span): CelType {
    const given = args.map((type) => typeText(this.bindings.resolve(type, true))).join(', ');
    return this.fail(`found no matching overload for '${name}' applied to (${given})`, span);
  }

  private wantBool(node: Node, type: CelType): void {
    if (isAssignable(this.bindings, type, BOOL)) return;
    this.fail(`this must be a bool, and is ${typeText(this.bindings.resolve(type, true))}`, node);
  }

  private scopeOf(name: string): CelType | undefined {
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
    const name = dottedName(node);
    if (name === undefined || this.scopeOf(name.slice(0, name.indexOf('.'))) !== undefined) return undefined;
    const named = TYPE_NAMES.get(name);
    return this.names.variables.get(name) ?? (named && types.typeOf(named));
  }

  private selected(operand: CelType, field: string, optional: boolean, at: Span, node: Node): CelType {
    const of = this.bindings.resolve(operand);
    if (of.kind === 'optional') return types.optionalOf(this.fieldOf(of.of, field, at, node));
    const type = this.fieldOf(of, field, at, node);
    if (!optional) return type;
    if (this.names.version < 28) this.fail(newerText('optional fields: .?', 28, this.names.version), at);
    return types.optionalOf(type);
  }

  private fieldOf(type: CelType, field: string, at: Span, node: Node): CelType {
    const of = this.bindings.resolve(type);
    switch (of.kind) {
      case 'dyn':
        return DYN;
      case 'param':
        this.bindings.bind(of.name, DYN);
        return DYN;
      case 'nullable':
        return this.fieldOf(of.of, field, at, node);
      case 'map':
        return isAssignable(this.bindings, STRING, of.key) ? of.value : this.noOverload('_.field', [of], at);
      case 'object': {
        const found = of.shape.field(field);
        return found?.type ?? this.fail(unknownField(of.shape, field, node), at);
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

  private call(node: CallNode): CelType {
    const macro = macroOf(node);
    if (macro !== undefined) return this.macro(macro, node);
    const { name, target } = node;
    if (target === undefined)
      return this.resolved(
        GLOBAL_FUNCTIONS,
        name,
        node,
        node.args.map((arg) => this.check(arg)),
      );
    const whole = target.kind === 'ident' && this.isNamespace(target.name) ? `${target.name}.${name}` : undefined;
    if (whole !== undefined) {
      return this.resolved(
        GLOBAL_FUNCTIONS,
        whole,
        node,
        node.args.map((arg) => this.check(arg)),
      );
    }
    const of = this.check(target);
    const isFormat = name === 'format';
    if (isFormat) this.formats += 1;
    const args = [of, ...node.args.map((arg) => this.check(arg))];
    if (isFormat) this.formats -= 1;
    const type = this.resolved(MEMBER_FUNCTIONS, name, node, args);
    if (isFormat && this.strict) this.format(node);
    return type;
  }

  private isNamespace(name: string): boolean {
    if (this.scopeOf(name) !== undefined || this.names.variables.has(name)) return false;
    return NAMESPACES.has(name) || name === 'math' || name === 'cel' || name === 'base64';
  }

  /** A format that is written out, with its arguments: cel-go looks whether they fit. */
  private format(node: CallNode): void {
    const problem = formatProblem(node, (value) => {
      const checker = new Checker({ ...this.names, variables: this.names.variables }, false);
      checker.scopes.push(...this.scopes);
      return checker.bindings.resolve(checker.check(value), true);
    });
    if (problem !== undefined) this.problems.push(problem);
  }

  private resolved(
    table: ReadonlyMap<string, readonly Overload[]>,
    name: string,
    node: CallNode,
    args: readonly CelType[],
  ): CelType {
    const overloads = table.get(name);
    if (overloads === undefined) return this.fail(unknownFunction(node, name), node.at);
    const type = this.resolver.resolve(overloads, args);
    if (type !== undefined) return type;
    const newer = overloads.filter(({ since, params }) => since > this.names.version && params.length === args.length);
    const [first] = newer;
    if (
      first !== undefined &&
      newer.length === overloads.filter(({ params }) => params.length === args.length).length
    ) {
      return this.fail(newerText(name, first.since, this.names.version), node.at);
    }
    const given = args.map((one) => typeText(this.bindings.resolve(one, true))).join(', ');
    const remedy = overloadRemedy(name);
    const has = [...new Set(overloads.map(signatureText))].slice(0, 4).join(', ');
    const message = `found no matching overload for '${name}' applied to (${given}); there is ${has}`;
    return this.fail(remedy === undefined ? message : `${message}; ${remedy}`, node.at);
  }

  private macro(macro: Macro, node: CallNode): CelType {
    if (macro.macro === 'bad') return this.fail(macro.message, macro.at);
    if (macro.since > this.names.version)
      return this.fail(newerText(node.name, macro.since, this.names.version), node.at);
    if (macro.macro === 'has') {
      const { operand, field, at } = macro.field;
      const of = this.bindings.resolve(this.check(operand));
      this.fieldOf(of.kind === 'optional' ? of.of : of, field, at, macro.field);
      return BOOL;
    }
    if (macro.macro !== 'comprehension') return this.optionalMap(macro);
    const range = this.bindings.resolve(this.check(macro.range));
    const scope = comprehensionScope(macro, range, this.bindings);
    if (scope === undefined) {
      const given = typeText(this.bindings.resolve(range, true));
      return this.fail(`${node.name}() goes over a list or map, and this is ${given}`, macro.range);
    }
    this.loops += 1;
    if (this.loops > TEXT_LIMITS.comprehensions) {
      this.fail(`comprehensions may be nested ${TEXT_LIMITS.comprehensions} deep; use variables`, node.at);
    }
    for (const [i, name] of macro.names.entries()) this.scopes.push([name, scope.variables[i] ?? DYN]);
    if (macro.filter !== undefined) this.wantBool(macro.filter, this.check(macro.filter));
    const body = this.check(macro.body);
    if (scope.wantsBool) this.wantBool(macro.body, body);
    this.scopes.length -= macro.names.length;
    this.loops -= 1;
    return scope.result(this.bindings.resolve(body));
  }

  private optionalMap(macro: OptionalMap): CelType {
    const of = this.resolver.newParam();
    const target = this.check(macro.target);
    if (!isAssignable(this.bindings, target, types.optionalOf(of))) {
      return this.fail(
        `this must be an optional value, and is ${typeText(this.bindings.resolve(target, true))}`,
        macro.target,
      );
    }
    this.scopes.push([macro.name, this.bindings.resolve(of)]);
    const body = this.check(macro.body);
    this.scopes.length -= 1;
    if (macro.macro === 'optMap') return types.optionalOf(body);
    const result = types.optionalOf(this.resolver.newParam());
    if (isAssignable(this.bindings, body, result)) return this.bindings.resolve(result);
    return this.fail('optFlatMap() takes an expression that gives an optional value', macro.body);
  }
}
