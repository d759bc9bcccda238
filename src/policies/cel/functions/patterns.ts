import { BOOL, STRING, listOf as listType } from '../check/types.js';
import type { Spending } from '../evaluate/spending.js';
import { BUDGET } from '../limits.js';
import { CelError, isError } from '../values/errors.js';
import { BadPattern, patternOf, statesOf, type Pattern } from '../values/patterns.js';
import { CelList, type Result } from '../values/values.js';
import { fn, int, method, text, traversal, type Cost, type Overload } from './declare.js';

/*
 * Regular expressions. Kubernetes counts the text's length times the pattern's; the states of the pattern, which it
 * does not count, are steps.
 */

const PER_PATTERN_CHARACTER = 0.25;

const patternCost: Cost = ([subject, pattern]) =>
  traversal(1 + (subject as string).length) * Math.ceil((pattern as string).length * PER_PATTERN_CHARACTER);

/** Functions whose pattern is compiled with the expression, where it is written out. */
export const PATTERN_FUNCTION_NAMES: ReadonlySet<string> = new Set(['matches', 'find', 'findAll']);

/** Measured: a state takes 8 µs to compile, 3 ns to test a character against, 50 ns to find where it matches. */
const STEPS_TO_COMPILE = 320;
const TESTS_PER_STEP = 8;
const STEPS_TO_FIND = 2;

const prepared = (pattern: string, spending: Spending): Pattern | CelError => {
  const over = spending.pattern(pattern, () => Math.min(statesOf(pattern), 1e6) * STEPS_TO_COMPILE);
  if (over !== undefined) return over;
  const found = patternOf(pattern);
  return found instanceof BadPattern ? new CelError(found.message) : found;
};

const matches = (subject: string, pattern: string, spending: Spending): Result => {
  const compiled = prepared(pattern, spending);
  if (isError(compiled)) return compiled;
  const over = spending.step(Math.ceil((subject.length * compiled.states) / TESTS_PER_STEP));
  return over ?? compiled.test(subject);
};

const find = (subject: string, pattern: string, limit: number, spending: Spending): string[] | CelError => {
  const compiled = prepared(pattern, spending);
  if (isError(compiled)) return compiled;
  const over = spending.step(subject.length * compiled.states * STEPS_TO_FIND);
  if (over !== undefined) return over;
  const found = compiled.find(subject, Math.min(limit, BUDGET.items + 1));
  return spending.room(found.length, BUDGET.items) ?? found;
};

const findFirst = (subject: string, pattern: string, spending: Spending): Result => {
  const found = find(subject, pattern, 1, spending);
  return isError(found) ? found : (found[0] ?? '');
};

const findAll = (subject: string, pattern: string, limit: bigint, spending: Spending): Result => {
  const found = find(subject, pattern, limit < 0n ? Infinity : Number(limit), spending);
  return isError(found) ? found : new CelList(found);
};

const STRINGS = listType(STRING);
const cost = patternCost;

export const PATTERN_FUNCTIONS: readonly Overload[] = [
  method('matches', [text, text], BOOL, ([s, p], spending) => matches(s, p, spending), { cost }),
  // One unit, whatever it does: cel-go's table has the other form alone. Its steps are counted all the same.
  fn('matches', [text, text], BOOL, ([s, p], spending) => matches(s, p, spending)),
  method('find', [text, text], STRING, ([s, p], spending) => findFirst(s, p, spending), { cost }),
  method('findAll', [text, text], STRINGS, ([s, p], spending) => findAll(s, p, -1n, spending), { cost }),
  method('findAll', [text, text, int], STRINGS, ([s, p, n], spending) => findAll(s, p, n, spending), { cost }),
];
