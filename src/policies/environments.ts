import { schemaOf } from '../api/schema-check/check-schema.js';
import type { POLICY_KINDS } from '../api/schema/policies.js';
import { NAMESPACE_TYPE, REQUEST_TYPE } from './cel/admission-types.js';
import {
  BOOL,
  DYN,
  INT,
  STRING,
  listOf,
  nullable,
  objectOf,
  shapeOf,
  type CelType,
  type ObjectShape,
} from './cel/check/types.js';
import { Environment, composedType, type Variable } from './cel/environment.js';
import { compile, isProgram, type Program } from './cel/program.js';
import { typeOfSchema } from './cel/schema-types.js';
import { EFFECTIVE_TYPE } from './effective.js';
import { READY_VARIABLES } from './ready-variables.js';

/*
 * What the expressions of a policy may name. The indexes of the roots are those of `ROOTS`.
 */

export type PolicyKind = (typeof POLICY_KINDS)[number];

export const ROOTS = ['object', 'oldObject', 'request', 'namespaceObject', 'effective', 'params'] as const;

/** `variables.instance` and the like; compiled once for a version. */
interface Ready {
  readonly variables: readonly Variable[];
  readonly programs: readonly Program[];
}

const declared = (params: CelType | undefined): Variable[] => [
  { name: 'object', type: DYN },
  { name: 'oldObject', type: DYN },
  { name: 'request', type: REQUEST_TYPE },
  { name: 'namespaceObject', type: NAMESPACE_TYPE },
  // Ours alone: to Kubernetes it is no variable.
  { name: 'effective', type: DYN },
  ...(params === undefined ? [] : [{ name: 'params', type: params }]),
];

const byVersion = new Map<number, Ready>();

/** Those that a version can have: before optional types there are fewer. */
export const readyOf = (version: number): Ready => {
  const known = byVersion.get(version);
  if (known !== undefined) return known;
  const variables: Variable[] = [];
  const programs: Program[] = [];
  for (const { name, expression } of READY_VARIABLES) {
    const program = compile(expression, new Environment(version, declared(undefined), variables));
    if (!isProgram(program)) continue;
    variables.push({ name, type: program.type });
    programs.push(program);
  }
  const ready = { variables, programs };
  byVersion.set(version, ready);
  return ready;
};

/** The type of params, by their values: a misspelt one does not compile. */
export const paramsType = (value: unknown): CelType => {
  switch (typeof value) {
    case 'string':
      return STRING;
    case 'boolean':
      return BOOL;
    case 'number':
      return Number.isInteger(value) ? INT : DYN;
    default:
      if (Array.isArray(value)) return listOf(value.length === 0 ? DYN : sameType(value.map(paramsType)));
      return typeof value === 'object' && value !== null ? paramsObject(value) : DYN;
  }
};

const sameType = (types: readonly CelType[]): CelType => {
  const [first = DYN] = types;
  return types.every(({ kind }) => kind === first.kind) ? first : DYN;
};

const paramsObject = (value: object): CelType => {
  const fields = Object.entries(value).map(([key, member]): [string, CelType] => [key, paramsType(member)]);
  return objectOf(shapeOf('params', Object.fromEntries(fields), Object.keys(value)));
};

export interface EnvironmentOptions {
  readonly version: number;
  readonly kinds: readonly PolicyKind[];
  readonly params: CelType | undefined;
  /** The policy's own variables so far. */
  readonly own: readonly (Variable & { readonly typed: CelType })[];
}

/** What every object has that comes to admission, whatever its schema says. */
const ALWAYS: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata']);

const objectType = (type: CelType): CelType => {
  if (type.kind !== 'nullable' || type.of.kind !== 'object') return type;
  const { shape } = type.of;
  const field: ObjectShape['field'] = (name) => {
    const found = shape.field(name);
    return found && { ...found, required: found.required || ALWAYS.has(name) };
  };
  return nullable(objectOf({ ...shape, field }));
};

/** The variables as our schema types them, for a kind. */
const typedFor = (kind: PolicyKind, { version, params, own }: EnvironmentOptions): ReadonlyMap<string, CelType> => {
  const object = objectType(typeOfSchema(schemaOf(kind), kind));
  const ready = new Map(READY_VARIABLES.map(({ name, type }) => [name, type]));
  const composed = [
    ...readyOf(version).variables.map(({ name, type }) => ({ name, type: ready.get(name) ?? type })),
    ...own.map(({ name, typed }) => ({ name, type: typed })),
  ];
  const known: Readonly<Record<string, CelType>> = { object, oldObject: object, effective: EFFECTIVE_TYPE };
  const all: Variable[] = declared(params).map(({ name, type }) => ({ name, type: known[name] ?? type }));
  return new Map([...all, { name: 'variables', type: composedType(composed) }].map(({ name, type }) => [name, type]));
};

const plain = new Map<string, Environment>();

const newEnvironment = (options: EnvironmentOptions): Environment => {
  const { version, kinds, params, own } = options;
  return new Environment(
    version,
    declared(params),
    [...readyOf(version).variables, ...own],
    kinds.map((kind) => typedFor(kind, options)),
  );
};

/** Most policies have neither params nor variables of their own: they share one. */
export const policyEnvironment = (options: EnvironmentOptions): Environment => {
  if (options.params !== undefined || options.own.length > 0) return newEnvironment(options);
  const key = [options.version, ...options.kinds].join();
  const environment = plain.get(key) ?? newEnvironment(options);
  plain.set(key, environment);
  return environment;
};
