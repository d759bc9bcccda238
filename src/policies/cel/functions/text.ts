import { listOf as listType, STRING } from '../check/types.js';
import type { Spending } from '../evaluate/spending.js';
import { BUDGET } from '../limits.js';
import { CelError, NO_OVERLOAD, outOfRange } from '../values/errors.js';
import { itemAt, sizeOfList } from '../values/json.js';
import { lengthOf, offsetOf, sliceOf } from '../values/text.js';
import { CelList, type Result, type Value } from '../values/values.js';
import { INT } from '../check/types.js';
import {
  fn,
  int,
  listOf,
  method,
  text,
  textCost,
  traversal,
  type Cost,
  type ListValue,
  type Overload,
} from './declare.js';

/*
 * cel-go's extension for texts, as Kubernetes has it: indexes count code points.
 */

const STRINGS = listType(STRING);
const strings = listOf(STRING);

const charAt = (subject: string, index: bigint, spending: Spending): Result => {
  const over = spending.walk(subject);
  if (over !== undefined) return over;
  if (index < 0n || index > BigInt(lengthOf(subject))) return outOfRange(index);
  return sliceOf(subject, Number(index), Number(index) + 1);
};

/** The code point at which `wanted` first stands at or after `from`, or -1. */
const indexFrom = (subject: string, wanted: string, from: bigint): Result => {
  if (wanted === '') return from;
  if (from < 0n) return outOfRange(from);
  if (from >= BigInt(lengthOf(subject))) return -1n;
  const found = subject.indexOf(wanted, offsetOf(subject, Number(from)));
  return found < 0 ? -1n : BigInt(lengthOf(subject.slice(0, found)));
};

/** Likewise, the last one at or before `from`. */
const lastIndexFrom = (subject: string, wanted: string, from: bigint): Result => {
  if (wanted === '') return from;
  if (from < 0n) return outOfRange(from);
  if (from >= BigInt(lengthOf(subject))) return -1n;
  const found = subject.lastIndexOf(wanted, offsetOf(subject, Number(from)));
  return found < 0 ? -1n : BigInt(lengthOf(subject.slice(0, found)));
};

const lastIndexOf = (subject: string, wanted: string): Result => {
  const length = BigInt(lengthOf(subject));
  if (wanted === '') return length;
  return length === 0n ? -1n : lastIndexFrom(subject, wanted, length - 1n);
};

const substring = (subject: string, from: bigint, to?: bigint): Result => {
  const length = BigInt(lengthOf(subject));
  if (to !== undefined && from > to) return new CelError(`invalid substring range. start: ${from}, end: ${to}`);
  if (from < 0n || from > length) return outOfRange(from);
  if (to !== undefined && (to < 0n || to > length)) return outOfRange(to);
  return sliceOf(subject, Number(from), to === undefined ? undefined : Number(to));
};

/** How often a text is found, or at most `limit`; the empty text before, after and between all characters. */
const countOf = (subject: string, wanted: string): number => {
  if (wanted === '') return lengthOf(subject) + 1;
  let count = 0;
  for (let at = subject.indexOf(wanted); at >= 0; at = subject.indexOf(wanted, at + wanted.length)) count += 1;
  return count;
};

/** Measured: finding one, and cutting or replacing there. */
const STEPS_PER_PIECE = 6;

/** Pieces between separators, at most `limit` of them where there is one: the last holds the rest, as in Go. */
const split = (subject: string, separator: string, limit: bigint, spending: Spending): Result => {
  if (limit === 0n) return new CelList([]);
  const over = spending.walk(subject);
  if (over !== undefined) return over;
  const count = countOf(subject, separator) + (separator === '' ? -1 : 1);
  const most = limit < 0n || limit > BigInt(count) ? count : Number(limit);
  const tooMany = spending.step(count * STEPS_PER_PIECE) ?? spending.room(most, BUDGET.items);
  if (tooMany !== undefined) return tooMany;
  const pieces = separator === '' ? Array.from(subject) : subject.split(separator);
  if (pieces.length > most) pieces.push(pieces.splice(most - 1).join(separator));
  return new CelList(pieces);
};

const replace = (subject: string, old: string, by: string, limit: bigint, spending: Spending): Result => {
  const over = spending.walk(subject);
  if (over !== undefined) return over;
  const found = countOf(subject, old);
  const times = limit < 0n || limit > BigInt(found) ? found : Number(limit);
  if (times === 0) return subject;
  const tooMany =
    spending.step(found * STEPS_PER_PIECE) ??
    spending.room(subject.length + times * (by.length - old.length), BUDGET.text);
  if (tooMany !== undefined) return tooMany;
  if (old === '') {
    const points = Array.from(subject);
    const padded = points.map((point, i) => (i < times ? by : '') + point).join('');
    return times > points.length ? padded + by : padded;
  }
  const pieces = subject.split(old);
  const head = pieces.slice(0, times + 1).join(by);
  const tail = pieces.slice(times + 1);
  return tail.length === 0 ? head : `${head}${old}${tail.join(old)}`;
};

/** The texts of a list, and how long they are together; undefined where one is no text. */
const textsOf = (list: ListValue): { readonly items: readonly string[]; readonly length: number } | undefined => {
  const items: string[] = [];
  let length = 0;
  for (let i = 0; i < sizeOfList(list); i += 1) {
    const item = itemAt(list, i);
    if (typeof item !== 'string') return undefined;
    items.push(item);
    length += item.length;
  }
  return { items, length };
};

const join = (list: ListValue, separator: string, spending: Spending): Result => {
  const texts = textsOf(list);
  if (texts === undefined) return NO_OVERLOAD;
  const length = texts.length + separator.length * Math.max(texts.items.length - 1, 0);
  return spending.room(length, BUDGET.text) ?? spending.step(4 * texts.items.length) ?? texts.items.join(separator);
};

const joinCost: Cost = ([list, separator]: readonly Value[]) => {
  const texts = textsOf(list as ListValue);
  const between = typeof separator === 'string' ? separator.length : 0;
  return traversal((texts?.length ?? 0) + between * Math.max((texts?.items.length ?? 0) - 1, 0), 2);
};

const lowerAscii = (subject: string): string => subject.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
const upperAscii = (subject: string): string => subject.replace(/[a-z]+/g, (letters) => letters.toUpperCase());

/** What Go's unicode.IsSpace calls space. */
const SPACE = '[\\t\\n\\v\\f\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]';
const LEADING = new RegExp(`^${SPACE}+`);
const IS_SPACE = new RegExp(SPACE);

/** Without a pattern at the end: one that looks for spaces before it looks at every space in the middle. */
const trim = (subject: string): string => {
  const start = LEADING.exec(subject)?.[0].length ?? 0;
  let end = subject.length;
  while (end > start && IS_SPACE.test(subject.charAt(end - 1))) end -= 1;
  return subject.slice(start, end);
};

/** The backslash first: the others bring some. */
const ESCAPES: readonly (readonly [character: string, escape: string])[] = [
  ['\\', '\\\\'],
  ['\x07', '\\a'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\v', '\\v'],
  ['"', '\\"'],
];
/** Half of a pair: no text of Unicode. */
const LONE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

const quote = (subject: string, spending: Spending): Result => {
  const over = spending.room(subject.length, BUDGET.text) ?? spending.walk(subject);
  if (over !== undefined) return over;
  let quoted = subject.replace(LONE, '\ufffd');
  for (const [character, escape] of ESCAPES) quoted = quoted.replaceAll(character, escape);
  return spending.room(quoted.length + 2, BUDGET.text) ?? `"${quoted}"`;
};

/** Kubernetes counts a search for a text as it counts one through a list: as nothing, for texts of fewer than ten. */
const searchCost: Cost = ([subject]) => Math.floor((subject as string).length * 0.1);

const cost = textCost();
const twice = textCost(2);

export const TEXT_FUNCTIONS: readonly Overload[] = [
  method('charAt', [text, int], STRING, ([s, i], spending) => charAt(s, i, spending)),
  method('indexOf', [text, text], INT, ([s, t], spending) => spending.walk(s) ?? indexFrom(s, t, 0n), {
    cost: searchCost,
  }),
  method('indexOf', [text, text, int], INT, ([s, t, i], spending) => spending.walk(s) ?? indexFrom(s, t, i), {
    cost: searchCost,
  }),
  method('lastIndexOf', [text, text], INT, ([s, t], spending) => spending.walk(s) ?? lastIndexOf(s, t), {
    cost: searchCost,
  }),
  method('lastIndexOf', [text, text, int], INT, ([s, t, i], spending) => spending.walk(s) ?? lastIndexFrom(s, t, i), {
    cost: searchCost,
  }),
  method('lowerAscii', [text], STRING, ([s]) => lowerAscii(s), { cost }),
  method('upperAscii', [text], STRING, ([s]) => upperAscii(s), { cost }),
  method('trim', [text], STRING, ([s]) => trim(s), { cost }),
  method('substring', [text, int], STRING, ([s, from], spending) => spending.walk(s) ?? substring(s, from), { cost }),
  method(
    'substring',
    [text, int, int],
    STRING,
    ([s, from, to], spending) => spending.walk(s) ?? substring(s, from, to),
    { cost },
  ),
  method('replace', [text, text, text], STRING, ([s, a, b], spending) => replace(s, a, b, -1n, spending), {
    cost: twice,
  }),
  method('replace', [text, text, text, int], STRING, ([s, a, b, n], spending) => replace(s, a, b, n, spending), {
    cost: twice,
  }),
  method('split', [text, text], STRINGS, ([s, by], spending) => split(s, by, -1n, spending), { cost: twice }),
  method('split', [text, text, int], STRINGS, ([s, by, n], spending) => split(s, by, n, spending), { cost: twice }),
  method('join', [strings], STRING, ([list], spending) => join(list, '', spending), { cost: joinCost }),
  method('join', [strings, text], STRING, ([list, by], spending) => join(list, by, spending), { cost: joinCost }),
  fn('strings.quote', [text], STRING, ([s], spending) => quote(s, spending), { since: 29, cost }),
];
