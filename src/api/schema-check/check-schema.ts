import { childPath, indexPath, MAX_CAUSES, shortened, TOO_MANY_CAUSES, type Cause, type CauseType } from '../cause.js';
import { KubeVirt, VirtualMachine, VirtualMachineInstance, VirtualMachineInstanceReplicaSet } from '../schema/kinds.js';
import { checkScalar } from './check-scalar.js';
import { describeValue, typeProblem } from './describe-value.js';
import { isObjectMeta, type SchemaNode } from './schema-node.js';
import type { SchemaRuleId } from './schema-rules.js';
import { unknownRemedy } from './unknown-field.js';

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

type Step = string | number;

class Findings {
  readonly causes: Cause[] = [];
  readonly steps: Step[] = [];

  get full(): boolean {
    return this.causes.length >= MAX_CAUSES;
  }

  path(): string {
    return this.steps.reduce<string>(
      (path, step) => (typeof step === 'number' ? indexPath(path, step) : childPath(path, step)),
      '',
    );
  }

  add(type: CauseType, rule: SchemaRuleId, message: string, key?: string): void {
    if (this.full) return;
    const field = key === undefined ? this.path() : childPath(this.path(), key);
    // A path may be as long as a user's key: the message is cut, the field is not.
    this.causes.push({ type, field, message: shortened(`${field === '' ? 'the object' : field} ${message}`), rule });
    if (this.causes.length === MAX_CAUSES) this.causes.push(TOO_MANY_CAUSES);
  }
}

type Check = (value: unknown, findings: Findings) => void;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

interface Property {
  readonly name: string;
  readonly check: Check;
}

const compileObject = (node: SchemaNode, openStatus: boolean): Check => {
  const properties = node.properties ?? {};
  const checks = new Map<string, Property>(
    Object.entries(properties).map(([name, child]) => [
      name,
      { name, check: compile(child, openStatus || name === 'status') },
    ]),
  );
  const required = node.required ?? [];
  const open = openStatus || node['x-kubernetes-preserve-unknown-fields'] === true;
  return (value, findings) => {
    if (!isRecord(value)) {
      mistyped(node, value, findings);
      return;
    }
    for (const key in value) {
      if (findings.full) return;
      const property = checks.get(key);
      if (property !== undefined) {
        findings.steps.push(key);
        property.check(value[key], findings);
        findings.steps.pop();
      } else if (!open) {
        findings.add(
          'FieldValueForbidden',
          'schema.unknown',
          `is not a known field; ${unknownRemedy(key, properties)}`,
          key,
        );
      }
    }
    for (const key of required) {
      if (value[key] === undefined || !Object.hasOwn(value, key)) {
        findings.add('FieldValueRequired', 'schema.required', requiredMessage(properties[key]), key);
      }
    }
  };
};

const requiredMessage = (node: SchemaNode | undefined): string =>
  `is missing; write ${node === undefined ? 'it' : typeProblem.wanted(node)}`;

const compileMap = (values: SchemaNode, node: SchemaNode, openStatus: boolean): Check => {
  const check = compile(values, openStatus);
  return (value, findings) => {
    if (!isRecord(value)) {
      mistyped(node, value, findings);
      return;
    }
    for (const key in value) {
      if (findings.full) return;
      findings.steps.push(key);
      check(value[key], findings);
      findings.steps.pop();
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

const compileArray = (items: SchemaNode, node: SchemaNode, openStatus: boolean): Check => {
  const check = compile(items, openStatus);
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

/** Metadata is the API server's to check; only what our own code reads as text must be text. */
const compileMetadata = (node: SchemaNode): Check => {
  const { name, generateName, namespace, labels, annotations } = node.properties ?? {};
  const known = Object.entries({ name, generateName, namespace, labels, annotations });
  const kept = Object.fromEntries(known.filter((entry): entry is [string, SchemaNode] => entry[1] !== undefined));
  return compileObject({ type: 'object', properties: kept, 'x-kubernetes-preserve-unknown-fields': true }, false);
};

const compileNode = (node: SchemaNode, openStatus: boolean): Check => {
  if (isObjectMeta(node)) return compileMetadata(node);
  if (node.type === 'array') return compileArray(node.items ?? {}, node, openStatus);
  if (node.type !== 'object') return compileScalar(node);
  return node.additionalProperties === undefined
    ? compileObject(node, openStatus)
    : compileMap(node.additionalProperties, node, openStatus);
};

const compile = (node: SchemaNode, openStatus: boolean): Check => {
  const check = compileNode(node, openStatus);
  if (node.nullable !== true) return check;
  return (value, findings) => {
    if (value !== null) check(value, findings);
  };
};

const compiled = new Map<CheckedKind, Check>();
const checkOf = (kind: CheckedKind): Check => {
  const known = compiled.get(kind);
  if (known !== undefined) return known;
  const check = compile(schemaOf(kind), false);
  compiled.set(kind, check);
  return check;
};

/**
 * All schema errors of an object of `kind`, in the order of its fields; none if it is valid. Fields of `status` that
 * are not known are let be, those of `spec` are refused. Never throws, whatever `object` holds (it must come from JSON
 * or YAML, so it has no cycles; cycles would not be followed either, because the schemas have an end).
 */
export const checkSchema = (kind: CheckedKind, object: unknown): Cause[] => {
  const findings = new Findings();
  checkOf(kind)(object, findings);
  return findings.causes;
};
