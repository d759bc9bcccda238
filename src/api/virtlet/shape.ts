import { isMap, isScalar, isSeq, type YAMLMap } from 'yaml';
import { describeValue } from '../schema-check/describe-value.js';
import { suggest } from '../schema-check/suggest.js';
import type { Problem } from './problem.js';

/*
 * Readers of a YAML tree: each takes the node of one field and gives its value, or notes what is wrong with it. Null
 * counts as absent everywhere. Names of fields are read whatever their case, as Virtlet did.
 */

export type Reader<T> = (node: unknown, path: string, problems: Problem[]) => T | undefined;
export type ValueOf<R> = R extends Reader<infer T> ? T : never;

const isNothing = (node: unknown): boolean =>
  node === null || node === undefined || (isScalar(node) && node.value === null);

const found = (node: unknown): string => {
  if (isMap(node)) return 'a map';
  return isSeq(node) ? 'a list' : describeValue(isScalar(node) ? node.value : node);
};

const note = (problems: Problem[], path: string, node: unknown, remedy: string): void => {
  problems.push({ kind: 'value', message: `${path} is ${found(node)}: ${remedy}` });
};

/** A scalar as the user wrote it: numbers and booleans where text is expected stand for their text. */
const textOf = (node: unknown): string | undefined => {
  if (!isScalar(node)) return undefined;
  const { value, source } = node;
  if (typeof value === 'string') return value;
  // What a tag such as !!binary makes is no text, however it is written.
  return typeof value === 'number' || typeof value === 'boolean' ? (source ?? String(value)) : undefined;
};

/** Text of this pattern; `remedy` says what to write instead of another. */
export const text =
  (pattern: RegExp, remedy: string): Reader<string> =>
  (node, path, problems) => {
    if (isNothing(node)) return undefined;
    const value = textOf(node);
    if (value !== undefined && pattern.test(value)) return value;
    note(problems, path, node, remedy);
    return undefined;
  };

export const oneOf =
  <const T extends string>(words: readonly T[]): Reader<T> =>
  (node, path, problems) => {
    if (isNothing(node)) return undefined;
    const value = textOf(node);
    const known = words.find((word) => word === value);
    if (known === undefined) note(problems, path, node, `write one of ${words.join(', ')}`);
    return known;
  };

/** YAML's own true and false are meant too. */
export const onOff: Reader<'on' | 'off'> = (node, path, problems) => {
  if (isScalar(node) && typeof node.value === 'boolean') return node.value ? 'on' : 'off';
  return oneOf(['on', 'off'])(node, path, problems);
};

/** Larger than any count of anything here, and small enough that products stay exact. */
const MAX_WHOLE = 65_535;

export const whole =
  (minimum: number): Reader<number> =>
  (node, path, problems) => {
    if (isNothing(node)) return undefined;
    const value = textOf(node) ?? '';
    const number = /^\d{1,5}$/.test(value) ? Number(value) : -1;
    if (number >= minimum && number <= MAX_WHOLE) return number;
    note(problems, path, node, `write a whole number from ${minimum} to ${MAX_WHOLE}`);
    return undefined;
  };

export const list =
  <T>(item: Reader<T>): Reader<T[]> =>
  (node, path, problems) => {
    if (isNothing(node)) return undefined;
    if (!isSeq(node)) {
      note(problems, path, node, 'write a list');
      return undefined;
    }
    return node.items.flatMap((child, index) => {
      const place = `${path}[${index}]`;
      if (isNothing(child)) note(problems, place, child, 'write an item, or remove this one');
      return item(child, place, problems) ?? [];
    });
  };

/** Lower-case names of a map's fields, and the true name of each. */
const namesOf = (fields: readonly string[], aliases: Readonly<Record<string, string>>): ReadonlyMap<string, string> =>
  new Map(
    [...fields.map((name) => [name, name] as const), ...Object.entries(aliases)].map(([a, b]) => [a.toLowerCase(), b]),
  );

const childPath = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`);

/** True names to nodes. What has no name here, and what is named twice, is noted. */
const entriesOf = (
  map: YAMLMap,
  names: ReadonlyMap<string, string>,
  path: string,
  problems: Problem[],
): Map<string, unknown> => {
  const entries = new Map<string, unknown>();
  const known = [...new Set(names.values())];
  for (const { key, value } of map.items) {
    const written = textOf(key) ?? found(key);
    const name = names.get(written.toLowerCase());
    if (name === undefined) {
      const near = suggest(written, known);
      const remedy = near === undefined ? `the fields here are ${known.join(', ')}` : `did you mean "${near}"?`;
      problems.push({
        kind: 'field',
        message: `there is no field ${describeValue(childPath(path, written))}: ${remedy}`,
      });
    } else if (entries.has(name)) {
      problems.push({ kind: 'field', message: `${childPath(path, name)} is written twice: keep one` });
    } else entries.set(name, value);
  }
  return entries;
};

/** A map of these fields, each optional. `aliases`: other spellings of a field. */
export const object = <F extends Readonly<Record<string, Reader<unknown>>>>(
  fields: F,
  aliases: Readonly<Record<string, string>> = {},
): Reader<{ readonly [K in keyof F]?: ValueOf<F[K]> }> => {
  const names = namesOf(Object.keys(fields), aliases);
  return (node, path, problems) => {
    if (isNothing(node)) return undefined;
    if (!isMap(node)) {
      note(problems, path === '' ? 'the setting' : path, node, 'write a map of fields');
      return undefined;
    }
    const entries = entriesOf(node, names, path, problems);
    const values = Object.entries(fields).flatMap(([name, read]) => {
      const value = read(entries.get(name), childPath(path, name), problems);
      return value === undefined ? [] : [[name, value] as const];
    });
    return Object.fromEntries(values) as { readonly [K in keyof F]?: ValueOf<F[K]> };
  };
};
