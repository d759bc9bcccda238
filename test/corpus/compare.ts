import type { Discrepancy } from '../../scripts/difference.js';
import { DIFFERENCES } from '../../scripts/differences.js';
import { SHAPE_RULES } from '../../src/admission/schema.js';
import { NOT_ACTED_ON } from '../../src/api/settings/acted-on.js';
import { isWithin, type Cause } from '../../src/api/cause.js';
import type { CheckedKind } from '../../src/api/schema-check/check-schema.js';

/** What the reference says about an object; `defaulted` is absent where there is nothing to compare. */
export interface Reference {
  /** Of the case. */
  readonly name: string;
  readonly kind?: CheckedKind;
  readonly allowed: boolean;
  /** Fields of its causes; an empty text is none. */
  readonly fields: readonly string[];
  readonly defaulted?: unknown;
}

export interface Answer {
  readonly causes: readonly Cause[];
  /** After the defaults; absent: it was not defaulted. */
  readonly defaulted?: unknown;
}

/** An object of no shape is not defaulted. */
export const isDefaulted = (causes: readonly Cause[]): boolean =>
  !causes.some(({ rule }) => SHAPE_RULES.includes(rule));

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

const member = (object: Readonly<Record<string, unknown>>, key: string): unknown =>
  Object.hasOwn(object, key) ? object[key] : undefined;

interface Place {
  readonly field: string;
  readonly ours: unknown;
  readonly theirs: unknown;
}

/** Every place at which two defaulted objects differ; a member that is undefined is absent. */
export const placesOfDifference = (ours: unknown, theirs: unknown, field = ''): Place[] => {
  if (!isObject(ours) || !isObject(theirs) || Array.isArray(ours) !== Array.isArray(theirs)) {
    return Object.is(ours, theirs) ? [] : [{ field, ours, theirs }];
  }
  return [...new Set([...Object.keys(ours), ...Object.keys(theirs)])].flatMap((key) => {
    const path = Array.isArray(ours) ? `${field}[${key}]` : field === '' ? key : `${field}.${key}`;
    return placesOfDifference(member(ours, key), member(theirs, key), path);
  });
};

const causeDiscrepancies = (
  { causes }: Answer,
  { name, allowed, fields, kind: object = 'VirtualMachineInstance' }: Reference,
): Discrepancy[] => {
  const theirs = fields.filter((field) => field !== '');
  const ours = causes.map(({ field, rule = '' }) => ({ field, rule }));
  // A refusal that names no field has nothing to compare but that we refuse too.
  if (!allowed && theirs.length === 0 && ours.length === 0) return [{ object, name, kind: 'less', field: '', ours }];
  return [
    ...ours
      .filter(({ field }) => !theirs.some((outer) => isWithin(field, outer)))
      .map((one) => ({ object, name, kind: 'more', ...one, theirs, accepted: allowed }) as const),
    ...theirs
      .filter((outer) => !ours.some(({ field }) => isWithin(field, outer)))
      .map((field) => ({ object, name, kind: 'less', field, ours }) as const),
  ];
};

/**
 * Where our answer differs from the reference's, in verdict, fields or defaults. A difference of verdict is one of
 * fields.
 */
export const discrepancies = (answer: Answer, reference: Reference): Discrepancy[] => {
  const { name, kind: object = 'VirtualMachineInstance' } = reference;
  const comparable = answer.defaulted !== undefined && reference.defaulted !== undefined && isDefaulted(answer.causes);
  const differences = comparable ? placesOfDifference(answer.defaulted, reference.defaulted) : [];
  return [
    ...causeDiscrepancies(answer, reference),
    ...differences.map((one) => ({ object, name, kind: 'default', ...one }) as const),
  ];
};

/** Ids of the differences on purpose that explain a discrepancy. */
export const explanations = (discrepancy: Discrepancy): string[] =>
  DIFFERENCES.filter(({ explains }) => explains(discrepancy)).map(({ id }) => id);

/** A discrepancy on a line of a report. */
export const describeDiscrepancy = (one: Discrepancy): string => {
  if (one.kind === 'more')
    return `${one.field}: we refuse (${one.rule}), the reference ${one.accepted ? 'accepts' : 'does not'}`;
  if (one.kind === 'less') return `${one.field || 'the object'}: the reference refuses, we do not`;
  return `${one.field} becomes ${JSON.stringify(one.ours)}, with the reference ${JSON.stringify(one.theirs)}`;
};

const notActedOnPatterns = (kind: CheckedKind): RegExp[] =>
  NOT_ACTED_ON[kind].map(({ path }) => {
    const pattern = path.split('[]').map((part) => part.replaceAll('.', '\\.'));
    return new RegExp(`^spec\\.${pattern.join('\\[\\d+\\]')}$`);
  });

/** Whether a path is exactly a field of the list of fields that are not acted on. */
export const isNotActedOn = (field: string, kind: CheckedKind = 'VirtualMachineInstance'): boolean =>
  notActedOnPatterns(kind).some((pattern) => pattern.test(field));
