import { celEnv, isCelError, isCelList, isCelMap, isCelUint, parse, plan } from '@bufbuild/cel';
import { Spending } from '../../../../src/policies/cel/evaluate/spending.js';
import { compile, isProgram } from '../../../../src/policies/cel/program.js';
import { CelError } from '../../../../src/policies/cel/values/errors.js';
import { admissionEnvironment, inputsOf, shown } from './evaluate.js';
import { anyExpression, anyJson, randomFrom } from './generated.js';

/*
 * One expression over one object, by us and by @bufbuild/cel.
 */

const theirs = celEnv();
const ours = admissionEnvironment();

/** JSON as they take it: maps, and integers as bigints. */
const asTheirs = (value: unknown): unknown => {
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) return value.map(asTheirs);
  if (typeof value !== 'object' || value === null) return value;
  return new Map(Object.entries(value).map(([key, member]) => [key, asTheirs(member)]));
};

/** Their result as ours is shown. */
const shownTheirs = (value: unknown): string => {
  if (isCelError(value) || value instanceof Error) return 'error';
  if (isCelUint(value)) return `${value.value}u`;
  if (isCelList(value)) return `[${Array.from(value, shownTheirs).join(', ')}]`;
  if (isCelMap(value)) {
    return `{${Array.from(value, ([key, member]) => `${shownTheirs(key)}: ${shownTheirs(member)}`).join(', ')}}`;
  }
  return shown(value as never);
};

export interface Comparison {
  readonly text: string;
  readonly object: unknown;
  readonly ours: string;
  readonly theirs: string;
}

const evaluateTheirs = (text: string, object: unknown): string => {
  try {
    return shownTheirs(plan(theirs, parse(text))({ object: asTheirs(object) } as never));
  } catch {
    return 'error';
  }
};

/** Undefined where it does not compile for us: they have no checker. */
export const compareOn = (seed: number): Comparison | undefined => {
  const random = randomFrom(seed);
  const object = anyJson(random, 3);
  const text = anyExpression(random, 'bool', 1 + Math.floor(random() * 4));
  const program = compile(text, ours);
  if (!isProgram(program)) return undefined;
  const result = program.evaluate(inputsOf(object), new Spending());
  return {
    text,
    object,
    ours: result instanceof CelError ? 'error' : shown(result),
    theirs: evaluateTheirs(text, object),
  };
};

interface Explanation {
  readonly why: string;
  readonly when: (comparison: Comparison) => boolean;
}

const holdsNull = (value: unknown): boolean =>
  value === null || (typeof value === 'object' && Object.values(value).some(holdsNull));

const EXPLANATIONS: readonly Explanation[] = [
  {
    why: 'a field that is null is there in Kubernetes',
    when: ({ text, object }) => /has\(|\bin\b/.test(text) && holdsNull(object),
  },
  {
    why: 'has() of a field of a list is an error in Kubernetes',
    when: ({ text, object, ours }) => text.includes('has(') && ours === 'error' && Array.isArray(object),
  },
  {
    why: 'int() and double() of a text that is no number are errors in Kubernetes',
    when: ({ text, object, ours }) =>
      /(?:int|double)\(/.test(text) && /"/.test(JSON.stringify(object)) && ours === 'error',
  },
  {
    why: 'a key that is no text is an error for a map of JSON in Kubernetes, an index that is no number for a list',
    when: ({ text, ours }) => /\bin (?:object|v\d)|\[(?:object|v\d)/.test(text) && ours === 'error',
  },
];

/** Why they answer otherwise; undefined where nothing explains it. */
export const explained = (comparison: Comparison): string | undefined =>
  EXPLANATIONS.find(({ when }) => when(comparison))?.why;
