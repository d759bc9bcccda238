import { macroOf, type Comprehension } from './cel/macros.js';
import type { CallNode, Node } from './cel/parse/node.js';
import type { Program } from './cel/program.js';
import { shortened, type Cause } from '../api/cause.js';
import { SECRET_DATA } from './secret-fields.js';

/*
 * Whether what an expression gives may hold what is nobody's business: a message that does would be read by all who
 * read events and logs. What is only asked about (`has`, `==`, `size`, `matches`) is not shown.
 */

/** Annotations are not among them: who writes of one knows what it is. */
const SECRET_FIELDS: ReadonlySet<string> = new Set(SECRET_DATA);
/** On the way to them. */
const CONTAINERS: ReadonlySet<string> = new Set([
  'spec',
  'template',
  'volumes',
  'cloudInitNoCloud',
  'cloudInitConfigDrive',
]);
/** Of the roots. */
const ROOTS: ReadonlySet<string> = new Set(['object', 'oldObject', 'effective']);
/** Of the ready variables. */
const HOLDING: ReadonlySet<string> = new Set(['instance', 'volumes', 'userData']);

const ASKING: ReadonlySet<string> = new Set([
  ...['size', 'contains', 'startsWith', 'endsWith', 'matches', 'hasValue', 'indexOf', 'lastIndexOf', 'isSorted'],
  ...['type', 'isURL', 'isIP', 'isCIDR', 'isQuantity', 'isSemver'],
]);
const COMPARING: ReadonlySet<string> = new Set(['==', '!=', '<', '<=', '>', '>=', 'in']);
/** The variables of comprehensions around a part, and which of them hold some. */
type Scope = ReadonlyMap<string, boolean>;
const NO_SCOPE: Scope = new Map();

/** What is looked at of a compiled policy. */
interface Compiled {
  readonly spec: { readonly variables?: readonly { readonly name: string }[] | undefined };
  readonly variables: readonly Program[];
  readonly validations: readonly { readonly message: Program | undefined }[];
}

class HeldSecrets {
  private readonly variables = new Map<string, boolean>();

  constructor(private readonly policy: Compiled) {}

  isIn(node: Node, scope: Scope = NO_SCOPE): boolean {
    switch (node.kind) {
      case 'literal':
      case 'message':
      case 'and':
      case 'or':
        return false;
      case 'ident':
        return scope.get(node.name) ?? ROOTS.has(node.name);
      case 'select':
        if (node.operand.kind === 'ident' && node.operand.name === 'variables' && !scope.has('variables'))
          return this.variable(node.field);
        return this.member(node.operand, node.field, scope);
      case 'index':
        if (node.index.kind === 'literal' && typeof node.index.value === 'string')
          return this.member(node.operand, node.index.value, scope);
        return this.isIn(node.operand, scope);
      case 'unary':
        return node.operator === '-' && this.isIn(node.operand, scope);
      case 'binary':
        return !COMPARING.has(node.operator) && (this.isIn(node.left, scope) || this.isIn(node.right, scope));
      case 'conditional':
        return this.isIn(node.then, scope) || this.isIn(node.otherwise, scope);
      case 'list':
        return node.items.some(({ value }) => this.isIn(value, scope));
      case 'map':
        return node.entries.some(({ key, value }) => this.isIn(key, scope) || this.isIn(value, scope));
      case 'call':
        return this.call(node, scope);
    }
  }

  /** A member of what holds some holds some where it is on the way to them. */
  private member(operand: Node, field: string, scope: Scope): boolean {
    if (SECRET_FIELDS.has(field)) return true;
    return CONTAINERS.has(field) && this.isIn(operand, scope);
  }

  private call(node: CallNode, scope: Scope): boolean {
    const macro = macroOf(node);
    if (macro?.macro === 'has') return false;
    if (macro?.macro === 'comprehension') return this.comprehension(macro, scope);
    if (macro?.macro === 'optMap' || macro?.macro === 'optFlatMap')
      return this.isIn(macro.body, new Map(scope).set(macro.name, this.isIn(macro.target, scope)));
    if (ASKING.has(node.name)) return false;
    return [...(node.target === undefined ? [] : [node.target]), ...node.args].some((part) => this.isIn(part, scope));
  }

  private comprehension({ kind, range, names, body }: Comprehension, scope: Scope): boolean {
    if (kind === 'all' || kind === 'exists' || kind === 'existsOne') return false;
    const holds = this.isIn(range, scope);
    if (kind === 'filter' || kind === 'sortBy') return holds;
    const inner = new Map(scope);
    for (const name of names) inner.set(name, holds);
    return this.isIn(body, inner);
  }

  private variable(name: string): boolean {
    if (HOLDING.has(name)) return true;
    const known = this.variables.get(name);
    if (known !== undefined) return known;
    const own = this.policy.spec.variables?.findIndex((variable) => variable.name === name) ?? -1;
    // A variable reads earlier ones only; of the ready ones the others hold none.
    this.variables.set(name, false);
    const program = this.policy.variables[own];
    const holds = program !== undefined && this.isIn(program.node);
    this.variables.set(name, holds);
    return holds;
  }
}

/** Of messages that would show them. */
export const secretMessages = (policy: Compiled): readonly Cause[] => {
  const held = new HeldSecrets(policy);
  return policy.validations.flatMap(({ message }, i): Cause[] => {
    if (message === undefined || !held.isIn(message.node)) return [];
    const field = `spec.validations[${i}].messageExpression`;
    const text = `${field} would show user data or access credentials of the VM, or all of its spec; say what is wrong with it`;
    return [{ type: 'FieldValueForbidden', field, message: shortened(text), rule: 'policy.secret' }];
  });
};
