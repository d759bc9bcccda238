import type { SchemaNode } from './schema-node.js';
import { isRecord } from '../record.js';

/*
 * A member that is null is absent: so the API server reads it where the schema has no null of its own, before it asks
 * the webhook. "annotations:" with nothing behind it is written so.
 */

/**
 * Whether a member says nothing: a word that is empty where one of a list may stand is none, as in Go, which writes a
 * field out that nobody set. What has to be there says something whatever it is.
 */
export const isNoWord = (value: unknown, child: SchemaNode | undefined, isRequired: boolean): boolean =>
  value === '' && !isRequired && child?.enum !== undefined && !child.enum.includes('');

/** The same value where nothing is null. */
export const withoutNulls = (node: SchemaNode, value: unknown): unknown => {
  if (Array.isArray(value)) {
    const { items } = node;
    if (items === undefined) return value;
    const kept: readonly unknown[] = value.map((item) => withoutNulls(items, item));
    return kept.every((item, index) => item === value[index]) ? value : kept;
  }
  if (!isRecord(value)) return value;
  let changed = false;
  const kept: [string, unknown][] = [];
  for (const [key, member] of Object.entries(value)) {
    const child =
      node.properties !== undefined && Object.hasOwn(node.properties, key)
        ? node.properties[key]
        : node.additionalProperties;
    const isNull = member === null && child !== undefined && child.nullable !== true;
    if (member === undefined || isNull || isNoWord(member, child, node.required?.includes(key) === true)) {
      changed = true;
      continue;
    }
    const cleaned = child === undefined ? member : withoutNulls(child, member);
    changed ||= cleaned !== member;
    kept.push([key, cleaned]);
  }
  return changed ? Object.fromEntries(kept) : value;
};

/** An object with the members that are null in `other`, wherever both have the object around them. */
export const withNullsOf = (other: unknown, value: unknown): unknown => {
  if (Array.isArray(value)) {
    return Array.isArray(other) && other.length === value.length
      ? value.map((item, index) => withNullsOf(other[index], item))
      : (value as unknown);
  }
  if (!isRecord(value) || !isRecord(other)) return value;
  const nulls = Object.entries(other).filter(([key, member]) => member === null && !Object.hasOwn(value, key));
  const own = Object.entries(value).map(([key, member]) => [
    key,
    Object.hasOwn(other, key) ? withNullsOf(other[key], member) : member,
  ]);
  return Object.fromEntries([...nulls, ...own]) as unknown;
};
