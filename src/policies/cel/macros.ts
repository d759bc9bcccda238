import type { CallNode, Node, SelectNode } from './parse/node.js';

/*
 * Macros look like functions and are none: they bring variables of their own, or look at how their argument is written.
 */

export type ComprehensionKind =
  'all' | 'exists' | 'existsOne' | 'map' | 'filter' | 'transformList' | 'transformMap' | 'transformMapEntry' | 'sortBy';

export interface Comprehension {
  readonly macro: 'comprehension';
  readonly kind: ComprehensionKind;
  readonly range: Node;
  /** The names of its variables: one, or an index or key and a value. */
  readonly names: readonly string[];
  readonly filter: Node | undefined;
  readonly body: Node;
  readonly since: number;
}

export interface OptionalMap {
  readonly macro: 'optMap' | 'optFlatMap';
  readonly target: Node;
  readonly name: string;
  readonly body: Node;
  readonly since: number;
}

export interface Presence {
  readonly macro: 'has';
  readonly field: SelectNode;
  readonly since: number;
}

/** A macro that is not written as it must be. */
export interface BadMacro {
  readonly macro: 'bad';
  readonly message: string;
  readonly at: Node;
}

export type Macro = Comprehension | OptionalMap | Presence | BadMacro;

interface Form {
  readonly kind: ComprehensionKind;
  readonly since: number;
  readonly variables: 1 | 2;
  /** Whether a filter stands before the body. */
  readonly filtered: boolean;
}

const form = (kind: ComprehensionKind, variables: 1 | 2, since: number, filtered = false): Form => ({
  kind,
  since,
  variables,
  filtered,
});

const TWO = 32;

/** By name and number of arguments. */
const FORMS: ReadonlyMap<string, Form> = new Map([
  ['all/2', form('all', 1, 0)],
  ['exists/2', form('exists', 1, 0)],
  ['exists_one/2', form('existsOne', 1, 0)],
  ['existsOne/2', form('existsOne', 1, 33)],
  ['map/2', form('map', 1, 0)],
  ['map/3', form('map', 1, 0, true)],
  ['filter/2', form('filter', 1, 0)],
  ['all/3', form('all', 2, TWO)],
  ['exists/3', form('exists', 2, TWO)],
  ['existsOne/3', form('existsOne', 2, TWO)],
  ['exists_one/3', form('existsOne', 2, TWO)],
  ['transformList/3', form('transformList', 2, TWO)],
  ['transformList/4', form('transformList', 2, TWO, true)],
  ['transformMap/3', form('transformMap', 2, TWO)],
  ['transformMap/4', form('transformMap', 2, TWO, true)],
  ['transformMapEntry/3', form('transformMapEntry', 2, TWO)],
  ['transformMapEntry/4', form('transformMapEntry', 2, TWO, true)],
  ['sortBy/2', form('sortBy', 1, 34)],
]);

export const MACRO_NAMES: ReadonlySet<string> = new Set([
  ...Array.from(FORMS.keys(), (key) => key.slice(0, key.indexOf('/'))),
  'has',
  'optMap',
  'optFlatMap',
]);

const OPTIONALS = 28;

/** The accumulator of cel-go's expansion may not be named. */
const HIDDEN = '__result__';

const nameOf = (node: Node | undefined): string | undefined =>
  node?.kind === 'ident' && !node.absolute && node.name !== HIDDEN ? node.name : undefined;

const bad = (message: string, at: Node): BadMacro => ({ macro: 'bad', message, at });

const comprehension = (form: Form, { name, args }: CallNode, range: Node): Macro => {
  const names: string[] = [];
  for (const node of args.slice(0, form.variables)) {
    const variable = nameOf(node);
    if (variable === undefined) return bad(`${name}() takes the name of a variable here`, node);
    if (names.includes(variable)) return bad(`${name}() takes two different names`, node);
    names.push(variable);
  }
  const rest = args.slice(form.variables);
  const body = rest.at(-1) ?? range;
  const filter = form.filtered ? rest[0] : undefined;
  return { macro: 'comprehension', kind: form.kind, range, names, filter, body, since: form.since };
};

const presence = (call: CallNode): Macro | undefined => {
  const [argument, ...more] = call.args;
  if (argument === undefined || more.length > 0) return undefined;
  if (argument.kind === 'select' && !argument.optional) return { macro: 'has', field: argument, since: 0 };
  const instead = argument.kind === 'index' ? `; for a key write 'key' in map` : '';
  return bad(`has() takes a field, as in has(object.spec)${instead}`, argument);
};

const optionalMap = (call: CallNode, target: Node): Macro => {
  const [variable, body] = call.args;
  const name = nameOf(variable);
  if (name === undefined || body === undefined) {
    return bad(`${call.name}() takes the name of a variable here`, variable ?? call);
  }
  return { macro: call.name === 'optMap' ? 'optMap' : 'optFlatMap', target, name, body, since: OPTIONALS };
};

const look = (call: CallNode): Macro | undefined => {
  const { name, target, args } = call;
  if (target === undefined) return name === 'has' ? presence(call) : undefined;
  if ((name === 'optMap' || name === 'optFlatMap') && args.length === 2) return optionalMap(call, target);
  const form = FORMS.get(`${name}/${args.length}`);
  return form && comprehension(form, call, target);
};

/** The macro that a call is, if it is one: looked at once. */
export const macroOf = (call: CallNode): Macro | undefined => {
  const { macro } = call;
  if (macro.known === undefined) macro.known = MACRO_NAMES.has(call.name) ? (look(call) ?? null) : null;
  return (macro.known ?? undefined) as Macro | undefined;
};
