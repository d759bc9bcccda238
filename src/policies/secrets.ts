import { childrenOf } from './cel/children.js';
import { macroOf } from './cel/macros.js';
import type { CallNode, Node } from './cel/parse/node.js';
import type { Program } from './cel/program.js';
import type { CompiledPolicy } from './compile-policy.js';
import { READY_VARIABLES } from './ready-variables.js';
import { readyOf } from './environments.js';
import { SECRET_FIELDS } from './secret-fields.js';

/*
 * Which parts of an expression may have read what is nobody's business: user data, keys, annotations. In doubt they
 * have: a key that is computed may be any, and a text that is made of a whole object has all of it.
 */

/** The variables of comprehensions around a part, and which of them are secret. */
export type SecretScope = ReadonlyMap<string, boolean>;
const NO_SCOPE: SecretScope = new Map();

/** Make a text of whatever they are given. */
const MAKES_TEXT: ReadonlySet<string> = new Set(['format', 'join']);

/** Whether an item that a text is made of is surely a scalar. */
const isScalar = (node: Node): boolean =>
  node.kind === 'literal' || (node.kind === 'call' && (node.name === 'string' || node.name === 'size'));

export class Secrets {
  private readonly variables = new Map<string, boolean>();

  constructor(private readonly policy: CompiledPolicy) {}

  reads(node: Node, scope: SecretScope = NO_SCOPE): boolean {
    switch (node.kind) {
      case 'ident':
        return scope.get(node.name) ?? false;
      case 'select':
        if (node.operand.kind === 'ident' && node.operand.name === 'variables' && !scope.has('variables'))
          return this.variable(node.field);
        return SECRET_FIELDS.has(node.field) || this.reads(node.operand, scope);
      case 'index':
        return this.isSecretKey(node.index) || this.reads(node.operand, scope) || this.reads(node.index, scope);
      case 'call':
        return this.call(node, scope);
      default:
        return childrenOf(node).some((child) => this.reads(child, scope));
    }
  }

  /** A number is an index of a list; a text that is written out is known. */
  private isSecretKey(key: Node): boolean {
    if (key.kind !== 'literal') return true;
    return typeof key.value === 'string' && SECRET_FIELDS.has(key.value);
  }

  private call(node: CallNode, scope: SecretScope): boolean {
    const macro = macroOf(node);
    if (macro?.macro === 'has') return this.reads(macro.field, scope);
    if (macro?.macro === 'comprehension') {
      const range = this.reads(macro.range, scope);
      const inner = this.within(scope, macro.names, range);
      const parts = macro.filter === undefined ? [macro.body] : [macro.filter, macro.body];
      return range || parts.some((part) => this.reads(part, inner));
    }
    if (macro?.macro === 'optMap' || macro?.macro === 'optFlatMap') {
      const target = this.reads(macro.target, scope);
      return target || this.reads(macro.body, new Map(scope).set(macro.name, target));
    }
    if (MAKES_TEXT.has(node.name) && !this.isOfScalars(node)) return true;
    return childrenOf(node).some((child) => this.reads(child, scope));
  }

  /** The value of a pair may be any member of a map. */
  within(scope: SecretScope, names: readonly string[], range: boolean): SecretScope {
    const inner = new Map(scope);
    for (const [i, name] of names.entries()) inner.set(name, range || i > 0);
    return inner;
  }

  private isOfScalars({ name, target, args }: CallNode): boolean {
    const [items] = name === 'format' ? args : [target];
    return items?.kind === 'list' && items.items.every(({ value }) => isScalar(value) || this.isPlainVariable(value));
  }

  /** Variables whose type is a scalar's. */
  private isPlainVariable(node: Node): boolean {
    if (node.kind !== 'select' || node.operand.kind !== 'ident' || node.operand.name !== 'variables') return false;
    return ['vcpus', 'cpuQuantity', 'guestMemory'].includes(node.field);
  }

  private variable(name: string): boolean {
    const known = this.variables.get(name);
    if (known !== undefined) return known;
    // A variable reads earlier ones only; itself it cannot.
    this.variables.set(name, true);
    const program = variableOf(this.policy, name);
    const secret = program === undefined || this.reads(program.node);
    this.variables.set(name, secret);
    return secret;
  }
}

const known = new WeakMap<Program, boolean>();

/** Whether an expression of a policy may read a secret anywhere: then no value that it found is shown. */
export const readsSecret = (policy: CompiledPolicy, program: Program): boolean => {
  const secret = known.get(program) ?? new Secrets(policy).reads(program.node);
  known.set(program, secret);
  return secret;
};

/** What `variables.NAME` is. */
export const variableOf = (policy: CompiledPolicy, name: string): Program | undefined => {
  const ready = READY_VARIABLES.findIndex((variable) => variable.name === name);
  const own = policy.spec.variables?.findIndex((variable) => variable.name === name) ?? -1;
  return ready >= 0 ? readyOf(policy.version).programs[ready] : policy.variables[own];
};
