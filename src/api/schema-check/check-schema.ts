import type { Cause } from '../cause.js';
import { KubeVirt, VirtualMachine, VirtualMachineInstance, VirtualMachineInstanceReplicaSet } from '../schema/kinds.js';
import { checkScalar } from './check-scalar.js';
import { describeValue, typeProblem } from './describe-value.js';
import { Findings, type SchemaFindings } from './findings.js';
import { specOfOtherKind } from './other-kinds.js';
import type { Place } from './place.js';
import { isObjectMeta, type SchemaNode } from './schema-node.js';
import { shiftedLeft } from './shifted-left.js';
import { unknownRemedy } from './unknown-field.js';
import { isNoWord } from './without-nulls.js';
import { isRecord } from '../record.js';

/*
 * Checks an object against its kind's schema: unknown fields, missing and mistyped ones, with true paths
 * (docs/reference/admission.md §3.1, §3.2). The schemas are compiled once, at the first check of a kind, to closures:
 * no code is generated, a valid object costs a few map look-ups per field, and a path is only put together when
 * something is wrong.
 */

const KINDS = { VirtualMachine, VirtualMachineInstance, VirtualMachineInstanceReplicaSet, KubeVirt } as const;
export type CheckedKind = keyof typeof KINDS;
export const CHECKED_KINDS = Object.keys(KINDS) as CheckedKind[];

/** The schema of a kind, as the CRD generator reads it. */
export const schemaOf = (kind: CheckedKind): SchemaNode => KINDS[kind] as unknown as SchemaNode;

type Check = (value: unknown, findings: Findings) => void;

interface Property {
  readonly name: string;
  /** Whether "" there is absent (without-nulls.ts). */
  readonly mayBeEmpty: boolean;
  readonly check: Check;
}

/** What the schema says of an object's surroundings: whether they are its status, and what lies around it. */
interface Surroundings {
  readonly openStatus: boolean;
  readonly outer: Place | undefined;
  /** How many steps the object is below the root. */
  readonly depth: number;
}

const compileObject = (node: SchemaNode, { openStatus, outer, depth }: Surroundings): Check => {
  const properties = node.properties ?? {};
  const place: Place = { properties, depth, outer };
  const required = node.required ?? [];
  const checks = new Map<string, Property>(
    Object.entries(properties).map(([name, child]) => [
      name,
      {
        name,
        mayBeEmpty: isNoWord('', child, required.includes(name)),
        check: compile(child, { openStatus: openStatus || name === 'status', outer: place, depth: depth + 1 }),
      },
    ]),
  );
  const open = openStatus || node['x-kubernetes-preserve-unknown-fields'] === true;
  return (value, findings) => {
    if (!isRecord(value)) {
      mistyped(node, value, findings);
      return;
    }
    let said: ReadonlySet<string> | undefined;
    for (const key in value) {
      if (findings.full) return;
      const property = checks.get(key);
      if (property !== undefined) {
        if (value[key] === '' && property.mayBeEmpty) findings.nulls = true;
        else checkMember(key, value[key], property.check, findings);
      } else if (!open) {
        said ??= sayTogether(value, place, findings);
        if (said.has(key)) continue;
        const { text, instead } = unknownRemedy(key, value, place, findings);
        findings.unknown(key, text, instead);
      }
    }
    for (const key of required) {
      if (value[key] === undefined || value[key] === null || !Object.hasOwn(value, key)) {
        findings.add('FieldValueRequired', 'schema.required', requiredMessage(key, properties[key]), key);
      }
    }
  };
};

/** The unknown fields that are said all at once. */
const sayTogether = (
  value: Record<string, unknown>,
  { properties }: Place,
  findings: Findings,
): ReadonlySet<string> => {
  const other = findings.steps.length === 1 ? specOfOtherKind(value, properties) : undefined;
  if (other !== undefined) {
    findings.otherSpec(other, value['template']);
    return new Set(other.fields);
  }
  const all = shiftedLeft(value, properties);
  for (const one of all) findings.shifted(one);
  return new Set(all.flatMap(({ fields }) => fields.map(({ from }) => from)));
};

/** A member that is null is absent (without-nulls.ts). */
const checkMember = (key: string, value: unknown, check: Check, findings: Findings): void => {
  if (value === null || value === undefined) {
    findings.nulls = true;
    return;
  }
  findings.steps.push(key);
  check(value, findings);
  findings.steps.pop();
};

const requiredMessage = (key: string, node: SchemaNode | undefined): string => {
  // An object without settings of its own will do.
  const isBare = node?.type === 'object' && node.properties !== undefined && (node.required ?? []).length === 0;
  if (isBare) return `is missing; write ${key}: {}`;
  return `is missing; write ${node === undefined ? 'it' : typeProblem.wanted(node)}`;
};

const compileMap = (values: SchemaNode, node: SchemaNode, { openStatus, outer, depth }: Surroundings): Check => {
  const check = compile(values, { openStatus, outer, depth: depth + 1 });
  return (value, findings) => {
    if (!isRecord(value)) {
      mistyped(node, value, findings);
      return;
    }
    for (const key in value) {
      if (findings.full) return;
      checkMember(key, value[key], check, findings);
    }
  };
};

/** What must differ from one item of a list to the next, and how a message calls it. */
interface ItemKey {
  /** Compared as it is; undefined where there is nothing to compare. */
  readonly of: (item: unknown) => unknown;
  readonly describe: (item: unknown) => string;
}

/** What is missing where it is required, or is no text, is a mistake of its own and repeats nothing. */
const textOf = (item: unknown, key: string, { required = [] }: SchemaNode): string | undefined => {
  if (!isRecord(item)) return undefined;
  const value = item[key] ?? (required.includes(key) ? undefined : '');
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
};

/** The API server wants the items of a set, and the keys of a map list, to differ. */
const itemKey = (node: SchemaNode, items: SchemaNode): ItemKey | undefined => {
  if (node['x-kubernetes-list-type'] === 'set')
    return { of: (item) => (typeof item === 'string' ? item : undefined), describe: describeValue };
  const keys = node['x-kubernetes-list-map-keys'];
  const [first, ...others] = keys ?? [];
  if (node['x-kubernetes-list-type'] !== 'map' || keys === undefined || first === undefined) return undefined;
  const all = (item: unknown): string | undefined => {
    const texts = keys.map((key) => textOf(item, key, items));
    return texts.includes(undefined) ? undefined : JSON.stringify(texts);
  };
  return {
    of: others.length === 0 ? (item) => textOf(item, first, items) : all,
    describe: (item) => keys.map((key) => `${key} ${describeValue((isRecord(item) && item[key]) || '')}`).join(', '),
  };
};

const compileArray = (items: SchemaNode, node: SchemaNode, { openStatus, outer, depth }: Surroundings): Check => {
  const check = compile(items, { openStatus, outer, depth: depth + 1 });
  const key = itemKey(node, items);
  return (value, findings) => {
    if (!Array.isArray(value)) {
      mistyped(node, value, findings);
      return;
    }
    if (node.maxItems !== undefined && value.length > node.maxItems) {
      const message = `has ${value.length} items; the most that are allowed is ${node.maxItems}`;
      findings.add('FieldValueInvalid', 'schema.max-items', message);
      return;
    }
    const seen = new Map<unknown, number>();
    for (let index = 0; index < value.length && !findings.full; index += 1) {
      findings.steps.push(index);
      check(value[index], findings);
      const own = key?.of(value[index]);
      if (key !== undefined && own !== undefined) {
        const first = seen.get(own);
        if (first === undefined) seen.set(own, index);
        else
          findings.add(
            'FieldValueDuplicate',
            'schema.duplicate',
            `repeats ${key.describe(value[index])} of item [${first}]; give each item its own`,
          );
      }
      findings.steps.pop();
    }
  };
};

const mistyped = (node: SchemaNode, value: unknown, findings: Findings): void => {
  findings.add('FieldValueInvalid', 'schema.type', typeProblem.message(node, value));
};

/**
 * Whether nothing can be wrong with a scalar: the few questions that most nodes ask, without going through all that a
 * node may have.
 */
const isPlainlyRight = (node: SchemaNode): ((value: unknown) => boolean) => {
  if (node['x-kubernetes-int-or-string'] === true) return () => false;
  const { enum: words, maxLength, format, minimum = -Infinity, maximum = Infinity } = node;
  if (node.type === 'boolean') return (value) => typeof value === 'boolean';
  if (node.type === 'string' && format === undefined && maxLength === undefined) {
    return words === undefined
      ? (value) => typeof value === 'string'
      : (value) => typeof value === 'string' && words.includes(value);
  }
  // Within what every format of integer can be.
  const [low, high] = [Math.max(minimum, -(2 ** 31)), Math.min(maximum, 2 ** 31 - 1)];
  if (node.type === 'integer')
    return (value) => Number.isInteger(value) && Number(value) >= low && Number(value) <= high;
  return () => false;
};

const compileScalar = (node: SchemaNode): Check => {
  const isRight = isPlainlyRight(node);
  return (value, findings) => {
    // Three quarters of all values end here.
    if (isRight(value)) return;
    const problem = checkScalar(node, value);
    if (problem !== undefined) findings.add(problem.type, problem.rule, problem.message);
  };
};

/** The API server takes an owner or a finalizer twice. */
const withoutListTypes = ({ 'x-kubernetes-list-type': type, ...node }: SchemaNode): SchemaNode =>
  type === undefined ? node : { ...node, 'x-kubernetes-list-type': 'atomic' };

const compileMetadata = (node: SchemaNode, surroundings: Surroundings): Check => {
  const members = Object.entries(node.properties ?? {}).map(([name, child]) => [name, withoutListTypes(child)]);
  return compileObject(
    { ...node, properties: Object.fromEntries(members) as Record<string, SchemaNode> },
    surroundings,
  );
};

const compileNode = (node: SchemaNode, surroundings: Surroundings): Check => {
  if (isObjectMeta(node)) return compileMetadata(node, surroundings);
  if (node.type === 'array') return compileArray(node.items ?? {}, node, surroundings);
  if (node.type !== 'object') return compileScalar(node);
  return node.additionalProperties === undefined
    ? compileObject(node, surroundings)
    : compileMap(node.additionalProperties, node, surroundings);
};

const compile = (node: SchemaNode, surroundings: Surroundings): Check => {
  const check = compileNode(node, surroundings);
  if (node.nullable !== true) return check;
  return (value, findings) => {
    if (value !== null) check(value, findings);
  };
};

const compiled = new Map<CheckedKind, Check>();
const checkOf = (kind: CheckedKind): Check => {
  const known = compiled.get(kind);
  if (known !== undefined) return known;
  const check = compile(schemaOf(kind), { openStatus: false, outer: undefined, depth: 0 });
  compiled.set(kind, check);
  return check;
};

/**
 * What is wrong with an object of `kind` by its schema, in the order of its fields. Fields of `status` that are not
 * known are let be, all others are refused. Never throws, whatever `object` holds (it must come from JSON or YAML, so
 * it has no cycles; cycles would not be followed either, because the schemas have an end).
 */
export const findSchemaErrors = (kind: CheckedKind, object: unknown): SchemaFindings => {
  const findings = new Findings(object);
  checkOf(kind)(object, findings);
  return findings.result();
};

const byNode = new WeakMap<SchemaNode, Check>();

/** Likewise, by a schema that is of no kind in {@link CHECKED_KINDS}. */
export const findingsBySchema = (schema: SchemaNode, object: unknown): SchemaFindings => {
  const check = byNode.get(schema) ?? compile(schema, { openStatus: false, outer: undefined, depth: 0 });
  byNode.set(schema, check);
  const findings = new Findings(object);
  check(object, findings);
  return findings.result();
};

export const errorsBySchema = (schema: SchemaNode, object: unknown): readonly Cause[] =>
  findingsBySchema(schema, object).causes;

/** All schema errors of an object of `kind`; none if it is valid. */
export const checkSchema = (kind: CheckedKind, object: unknown): readonly Cause[] =>
  findSchemaErrors(kind, object).causes;
