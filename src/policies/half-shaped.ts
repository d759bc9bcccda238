import type { Cause } from '../api/cause.js';
import { isRecord, recordOf } from '../api/record.js';
import { findingsBySchema } from '../api/schema-check/check-schema.js';
import { asWritten, Draft, moveUnknown } from '../api/schema-check/draft.js';
import type { Correction, SchemaFindings } from '../api/schema-check/findings.js';
import type { Steps } from '../api/schema-check/place.js';
import type { SchemaNode } from '../api/schema-check/schema-node.js';
import { POLICY_KINDS, type PolicySpec } from '../api/schema/policies.js';
import { READY_VARIABLES } from './ready-variables.js';

/*
 * A policy that has not its form, as far as it can be read: so that whoever misspelt a field is told in the same answer
 * what is wrong with the expressions.
 */

export interface HalfShaped {
  /** What its schema says. */
  readonly causes: readonly Cause[];
  /** With each field where it was meant to be. */
  readonly object: unknown;
  /** Nothing is wrong with the object that way. */
  readonly isShaped: boolean;
  /** The spec, with something harmless in the place of what cannot be read; of the same indexes. */
  readonly spec: PolicySpec;
  /** What is said of the object above, at the places where the user wrote it. */
  readonly written: <C extends Cause>(causes: readonly C[]) => readonly C[];
}

/** A misspelt field may hide another one, below it. */
const MOST_ROUNDS = 4;

/** Longer ones were reported, and are not read. */
const MOST_ITEMS = 64;

/** What compiles everywhere, whatever is wanted. */
const HARMLESS = 'dyn(null)';

type Json = Readonly<Record<string, unknown>>;

const itemsOf = (list: unknown): readonly Json[] =>
  Array.isArray(list) ? list.slice(0, MOST_ITEMS).map(recordOf) : [];

/** Names after `variables.` in all texts of a spec; one in quotes is one too many, and harmless. */
const USED = /\bvariables\s*\.\s*(?:\?\s*)?([A-Za-z_]\w*)/g;

/** Reads what is there, but for what was reported already. */
class Reader {
  constructor(
    private readonly spec: Json,
    private readonly reported: ReadonlySet<string>,
    /** Whether a list of the spec may stand under a name of which nobody knows. */
    private readonly hasUnknown: boolean,
  ) {}

  private text(item: Json, name: string, path: string): string | undefined {
    const value = item[name];
    return typeof value === 'string' && value !== '' && !this.reported.has(`${path}.${name}`) ? value : undefined;
  }

  private named<T>(list: string, read: (item: Json, path: string) => T): (T & { readonly name: string })[] {
    return itemsOf(this.spec[list]).map((item, i) => {
      const path = `spec.${list}[${i}]`;
      return { ...read(item, path), name: this.text(item, 'name', path) ?? `unnamed_${i}` };
    });
  }

  private readonly condition = (item: Json, path: string): { readonly expression: string } => ({
    expression: this.text(item, 'expression', path) ?? HARMLESS,
  });

  /** Variables whose names cannot be read have those that are used and that nothing else has. */
  private variables(): NonNullable<PolicySpec['variables']> {
    const items = itemsOf(this.spec['variables']).map((item, i) => ({
      name: this.text(item, 'name', `spec.variables[${i}]`),
      ...this.condition(item, `spec.variables[${i}]`),
    }));
    const known = new Set([...READY_VARIABLES, ...items].map(({ name }) => name));
    const texts = [items, this.named('validations', this.validation), this.named('matchConditions', this.condition)];
    const used = new Set(Array.from(JSON.stringify(texts).matchAll(USED), ([, name = '']) => name));
    const free = [...used].filter((name) => !known.has(name));
    const named = items.map((item, i) => ({ ...item, name: item.name ?? free.shift() ?? `unnamed_${i}` }));
    const { variables } = this.spec;
    const isLost = variables === undefined ? this.hasUnknown : !Array.isArray(variables);
    const lost = isLost ? free.slice(0, MOST_ITEMS) : [];
    return [...named, ...lost.map((name) => ({ name, expression: HARMLESS }))];
  }

  private readonly validation = (item: Json, path: string): Omit<PolicySpec['validations'][number], 'name'> => {
    const messageExpression = this.text(item, 'messageExpression', path);
    return { ...this.condition(item, path), ...(messageExpression === undefined ? {} : { messageExpression }) };
  };

  /** Of unknown type where they cannot be read. */
  private params(): Pick<PolicySpec, 'params'> {
    const { params } = this.spec;
    if (params === undefined && !this.hasUnknown) return {};
    const { values } = recordOf(params);
    // Null has any type.
    return { params: { values: (isRecord(values) ? values : null) as Record<string, unknown> } };
  }

  read(): PolicySpec {
    const { compatibility, match } = this.spec;
    const written = recordOf(match)['kinds'];
    const kinds = Array.isArray(written) ? POLICY_KINDS.filter((kind) => written.includes(kind)) : [];
    return {
      action: 'Enforce',
      ...(typeof compatibility === 'string' && !this.reported.has('spec.compatibility') ? { compatibility } : {}),
      ...(kinds.length === 0 ? {} : { match: { kinds } }),
      ...this.params(),
      variables: this.variables(),
      matchConditions: this.named('matchConditions', this.condition),
      validations: this.named('validations', this.validation),
      auditAnnotations: itemsOf(this.spec['auditAnnotations']).map((item, i) => ({
        key: `key_${i}`,
        valueExpression: this.text(item, 'valueExpression', `spec.auditAnnotations[${i}]`) ?? HARMLESS,
      })),
    };
  }
}

/** Whether a field of the spec is not known, nor what was meant by it. */
const isLost = ({ from: [top, , ...deeper], to }: Correction): boolean =>
  top === 'spec' && deeper.length === 0 && to === undefined;

const isThere = (object: unknown, steps: Steps | undefined): boolean => {
  let at = object;
  for (const step of steps ?? []) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, step)) return false;
    at = (at as Record<string | number, unknown>)[step];
  }
  return steps !== undefined && at !== undefined && at !== null;
};

/** @param found what the schema says of it, which is not nothing */
export const halfShaped = (schema: SchemaNode, given: unknown, found: SchemaFindings): HalfShaped => {
  const draft = new Draft(given);
  const causes = [...found.causes];
  const fields = new Set(causes.map(({ field }) => field));
  const moves: (readonly Correction[])[] = [];
  const written = <C extends Cause>(said: readonly C[]): readonly C[] =>
    moves.reduceRight<readonly C[]>((all, corrections) => asWritten(all, corrections), said);
  let last = found;
  let hasLost = false;
  while (last.corrections.length > 0 && moves.length < MOST_ROUNDS) {
    hasLost ||= last.corrections.some(isLost);
    const corrections = last.corrections.map((one) => (isThere(draft.object, one.to) ? { from: one.from } : one));
    moveUnknown(draft, corrections);
    moves.push(corrections);
    last = findingsBySchema(schema, draft.object);
    for (const cause of written(last.causes)) {
      if (fields.has(cause.field)) continue;
      fields.add(cause.field);
      causes.push(cause);
    }
  }
  const now = [...last.causes, ...last.silent];
  const reader = new Reader(recordOf(recordOf(draft.object)['spec']), new Set(now.map(({ field }) => field)), hasLost);
  return { causes, object: draft.object, isShaped: now.length === 0, spec: reader.read(), written };
};
