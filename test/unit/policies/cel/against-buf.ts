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

/** Why they answer otherwise; undefined where nothing explains it. */
export const explained = ({ text, object, ours: own }: Comparison): string | undefined => {
  if (!text.includes('has(')) return undefined;
  const fields = Object.values(object as object) as unknown[];
  if (fields.includes(null)) return 'has() of a field that is null is true in Kubernetes';
  return own === 'error' && Array.isArray(object) ? 'has() of a field of a list is an error in Kubernetes' : undefined;
};
