import { isDeepStrictEqual } from 'node:util';
import { childPath, indexPath } from '../cause.js';
import { schemaOf, type CheckedKind } from './check-schema.js';
import { isQuantity, parseQuantity } from '../quantity.js';
import type { SchemaNode } from './schema-node.js';

/*
 * Whether two objects of one schema say the same, and where they first do not. Clients write what they read in their
 * own way: lists and maps without items appear or vanish, "1024Mi" becomes "1Gi". None of that is a change
 * (docs/reference/admission.md §3.6).
 */

type Json = Readonly<Record<string, unknown>>;

const isRecord = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isQuantityNode = (node: SchemaNode): boolean =>
  node['x-kubernetes-int-or-string'] === true && node.pattern !== undefined;

/**
 * Objects that Go's encoder writes even where they hold nothing: a client's copy has them, the stored object has not.
 */
const WRITTEN_EMPTY = ['resources'];

const saysNothing = (node: SchemaNode, value: unknown, name: string): boolean => {
  if (value === undefined || value === null || value === '') return true;
  if (Array.isArray(value)) return value.length === 0;
  if (isQuantityNode(node)) return isQuantity(value) && parseQuantity(value).isZero();
  const mayBeEmpty = node.additionalProperties !== undefined || WRITTEN_EMPTY.includes(name);
  return mayBeEmpty && isRecord(value) && Object.keys(value).length === 0;
};

const sameScalar = (node: SchemaNode, now: unknown, before: unknown): boolean => {
  if (isQuantityNode(node) && isQuantity(now) && isQuantity(before))
    return parseQuantity(now).equals(parseQuantity(before));
  if (node.format === 'date-time' && typeof now === 'string' && typeof before === 'string')
    return now === before || Date.parse(now) === Date.parse(before);
  return isDeepStrictEqual(now, before);
};

const inList = (items: SchemaNode, now: readonly unknown[], before: readonly unknown[], path: string) => {
  for (let index = 0; index < Math.max(now.length, before.length); index += 1) {
    const place = indexPath(path, index);
    if (index >= now.length || index >= before.length) return place;
    const difference = semanticDifference(items, now[index], before[index], place);
    if (difference !== undefined) return difference;
  }
  return undefined;
};

const inObject = (node: SchemaNode, now: Json, before: Json, path: string): string | undefined => {
  for (const key of new Set([...Object.keys(now), ...Object.keys(before)])) {
    const known =
      node.properties !== undefined && Object.hasOwn(node.properties, key) ? node.properties[key] : undefined;
    const [left, right] = [now, before].map((object) => (Object.hasOwn(object, key) ? object[key] : undefined));
    const child = node.additionalProperties ?? known ?? {};
    const difference = semanticDifference(child, left, right, childPath(path, key), key);
    if (difference !== undefined) return difference;
  }
  return undefined;
};

/** {@link differenceAt} of values whose schema is at hand. */
export const semanticDifference = (
  node: SchemaNode,
  now: unknown,
  before: unknown,
  path: string,
  name = '',
): string | undefined => {
  if (now === before) return undefined;
  const [nothingNow, nothingBefore] = [saysNothing(node, now, name), saysNothing(node, before, name)];
  if (nothingNow || nothingBefore) return nothingNow && nothingBefore ? undefined : path;
  if (Array.isArray(now) && Array.isArray(before)) return inList(node.items ?? {}, now, before, path);
  if (isRecord(now) && isRecord(before)) return inObject(node, now, before, path);
  return sameScalar(node, now, before) ? undefined : path;
};

const nodeAt = (kind: CheckedKind, place: string): SchemaNode => {
  let node = schemaOf(kind);
  for (const step of place.split('.')) {
    const child = node.properties?.[step.replace('[]', '')] ?? {};
    node = step.endsWith('[]') ? (child.items ?? {}) : child;
  }
  return node;
};

/**
 * The path of the first place where `now` says something else than `before`; undefined where they say the same. Either
 * may hold anything: what does not fit the schema is compared as it is.
 * @param place where both belong in an object of `kind`: `spec.volumes[]` is one of its volumes
 * @param path how the place is called in the answer: `spec.volumes[2]`
 */
export const differenceAt = (
  kind: CheckedKind,
  place: string,
  now: unknown,
  before: unknown,
  path = place,
): string | undefined => semanticDifference(nodeAt(kind, place), now, before, path, place.split('.').at(-1));
