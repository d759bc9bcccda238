import { DYN, STRING } from '../check/types.js';
import type { Spending } from '../evaluate/spending.js';
import { BUDGET } from '../limits.js';
import { CelError, isError } from '../values/errors.js';
import { itemAt, sizeOfList } from '../values/json.js';
import { utf8Length } from '../values/text.js';
import type { Result, Value } from '../values/values.js';
import { listOf, method, text, traversal, type ListValue, type Overload } from './declare.js';
import { VERBS, type Verb } from './format-verbs.js';

/*
 * `'%d vCPUs'.format([4])`: the second version of cel-go's extension for texts, which Kubernetes has.
 */

export interface Clause {
  readonly verb: Verb;
  readonly precision: number | undefined;
}

const CLAUSE = /%(?:\.(\d*))?(.?)/gsu;
const MAX_PRECISION = 1000;

/** The pieces of a format: text as it is, and clauses. An error where one is no clause. */
export const clausesOf = (format: string): (string | Clause)[] | CelError => {
  const pieces: (string | Clause)[] = [];
  let at = 0;
  for (const match of format.matchAll(CLAUSE)) {
    const [all, digits, letter = ''] = match;
    if (match.index > at) pieces.push(format.slice(at, match.index));
    at = match.index + all.length;
    if (letter === '%' && digits === undefined) {
      pieces.push('%');
      continue;
    }
    const verb = VERBS.get(letter);
    if (letter === '') return new CelError('unexpected end of string');
    if (digits === '') return new CelError('could not find end of precision specifier');
    if (verb === undefined)
      return new CelError(`could not parse formatting clause: unrecognized formatting clause "${letter}"`);
    const precision = digits === undefined ? undefined : Number(digits);
    if (precision !== undefined && precision > MAX_PRECISION) {
      return new CelError(`precision ${digits?.slice(0, 20) ?? ''} is too large; at most ${MAX_PRECISION} is allowed`);
    }
    pieces.push({ verb, precision });
  }
  if (at < format.length) pieces.push(format.slice(at));
  return pieces;
};

const formatted = (format: string, args: ListValue, spending: Spending): Result => {
  const pieces = clausesOf(format);
  if (isError(pieces)) return pieces;
  let result = '';
  let next = 0;
  for (const piece of pieces) {
    if (typeof piece === 'string') result += piece;
    else {
      if (next >= sizeOfList(args)) return new CelError(`index ${next} out of range`);
      const value = itemAt(args, next);
      if (isError(value)) return value;
      const written = piece.verb.print(value, piece.precision, spending);
      if (isError(written)) return written;
      result += written;
      next += 1;
    }
    const over = spending.room(result.length, BUDGET.text);
    if (over !== undefined) return over;
  }
  return result;
};

const cost = ([format]: readonly Value[]): number => Math.max(1, traversal(utf8Length(format as string)));

export const FORMAT_FUNCTIONS: readonly Overload[] = [
  method('format', [text, listOf(DYN)], STRING, ([s, args], spending) => formatted(s, args, spending), {
    since: 29,
    cost,
  }),
];
