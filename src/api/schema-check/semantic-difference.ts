import { isDeepStrictEqual } from 'node:util';
import { childPath, indexPath } from '../cause.js';
import { schemaOf, type CheckedKind } from './check-schema.js';
import { isQuantity, parseQuantity } from '../quantity.js';
import type { SchemaNode } from './schema-node.js';
import { isRecord } from '../record.js';

/*
 * Whether two objects of one schema say the same, and where they first do not. Clients write what they read in their
 * own way: lists and maps without items appear or vanish, "1024Mi" becomes "1Gi". None of that is a change
 * (docs/reference/admission.md §3.6).
 */

type Json = Readonly<Record<string, unknown>>;

const isQuantityNode = (node: SchemaNode): boolean =>
  node['x-kubernetes-int-or-string'] === true && node.pattern !== undefined;

/**
 * Objects that say nothing where nothing is in them: Go's encoder writes some of them out, and people leave them
 * behind. Others mean something by being there (`rng: {}`).
 */
const SECTIONS: ReadonlySet<string> = new Set([
  ...['resources', 'cpu', 'memory', 'firmware', 'features', 'machine', 'chassis', 'dnsConfig', 'dhcpOptions'],
  ...['affinity', 'nodeAffinity', 'podAffinity', 'podAntiAffinity'],
]);

/** Lists whose entries are found by name: in which order they stand says nothing. */
const WITHOUT_ORDER: ReadonlySet<string> = new Set(['volumes', 'networks']);

const saysNothing = (node: SchemaNode, value: unknown, name: string): boolean => {
  if (value === undefined || value === null || value === '') return true;
  if (Array.isArray(value)) return value.length === 0;
  if (isQuantityNode(node)) return isQuantity(value) && parseQuantity(value).isZero();
  if (!isRecord(value)) return false;
  // The API server drops a key without a value; what such a map is compared with may be the submitted one.
  if (node.additionalProperties !== undefined) return Object.values(value).every((each) => each == null);
  if (!SECTIONS.has(name)) return false;
  for (const key in value) if (!saysNothing(childOf(node, key), value[key], key)) return false;
  return true;
};

const childOf = (node: SchemaNode, key: string): SchemaNode => {
  const known = node.properties !== undefined && Object.hasOwn(node.properties, key) ? node.properties[key] : undefined;
  return node.additionalProperties ?? known ?? {};
};

const sameScalar = (node: SchemaNode, now: unknown, before: unknown): boolean => {
  if (isQuantityNode(node) && isQuantity(now) && isQuantity(before))
    return parseQuantity(now).equals(parseQuantity(before));
  if (node.format === 'date-time' && typeof now === 'string' && typeof before === 'string')
    return now === before || Date.parse(now) === Date.parse(before);
  return isDeepStrictEqual(now, before);
};

/** A place where two objects differ. */
export interface Difference {
  /** In the first of the two; where only the second has the list entry, in that one. */
  readonly path: string;
  readonly now: unknown;
  readonly before: unknown;
}

/** Gets each difference; true: that was enough. */
type Sink = (difference: Difference) => boolean;

const nameOf = (entry: unknown): unknown => (isRecord(entry) ? entry['name'] : undefined);

/** The entries by name; undefined where one has none, or the name of another. */
const byName = (list: readonly unknown[]): ReadonlyMap<unknown, number> | undefined => {
  const names = new Map(list.map((entry, index) => [nameOf(entry), index]));
  return names.size === list.length && !names.has(undefined) ? names : undefined;
};

interface Pair {
  readonly now: unknown;
  readonly before: unknown;
}

const walkList = (
  node: SchemaNode,
  [left, right]: readonly [now: readonly unknown[], before: readonly unknown[]],
  path: string,
  name: string,
  sink: Sink,
): boolean => {
  const items = node.items ?? {};
  const positions = WITHOUT_ORDER.has(name) && byName(left) !== undefined ? byName(right) : undefined;
  const used = new Set<number>();
  for (let index = 0; index < left.length; index += 1) {
    const place = indexPath(path, index);
    const other = positions === undefined ? index : (positions.get(nameOf(left[index])) ?? -1);
    used.add(other);
    if (other < 0 || other >= right.length) {
      if (sink({ path: place, now: left[index], before: undefined })) return true;
    } else if (walk(items, { now: left[index], before: right[other] }, place, '', sink)) return true;
  }
  for (let index = 0; index < right.length; index += 1) {
    if (used.has(index)) continue;
    if (sink({ path: indexPath(path, index), now: undefined, before: right[index] })) return true;
  }
  return false;
};

const walkObject = (node: SchemaNode, now: Json, before: Json, path: string, sink: Sink): boolean => {
  for (const key of new Set([...Object.keys(now), ...Object.keys(before)])) {
    const [left, right] = [now, before].map((object) => (Object.hasOwn(object, key) ? object[key] : undefined));
    if (walk(childOf(node, key), { now: left, before: right }, childPath(path, key), key, sink)) return true;
  }
  return false;
};

/** Whether the sink has had enough. */
const walk = (node: SchemaNode, pair: Pair, path: string, name: string, sink: Sink): boolean => {
  const { now, before } = pair;
  if (now === before) return false;
  const [nothingNow, nothingBefore] = [saysNothing(node, now, name), saysNothing(node, before, name)];
  if (nothingNow && nothingBefore) return false;
  if (nothingNow || nothingBefore) return sink({ path, now, before });
  if (Array.isArray(now) && Array.isArray(before)) return walkList(node, [now, before], path, name, sink);
  if (isRecord(now) && isRecord(before)) return walkObject(node, now, before, path, sink);
  return sameScalar(node, now, before) ? false : sink({ path, now, before });
};

/** {@link differenceAt} of values whose schema is at hand. */
export const semanticDifference = (
  node: SchemaNode,
  now: unknown,
  before: unknown,
  path: string,
  name = '',
): string | undefined => {
  let first: string | undefined;
  walk(node, { now, before }, path, name, (found) => {
    first = found.path;
    return true;
  });
  return first;
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

/** Every place where `now` says something else than `before`, in order, up to `most` of them. */
export const differencesAt = (
  kind: CheckedKind,
  place: string,
  now: unknown,
  before: unknown,
  most: number,
  path = place,
): readonly Difference[] => {
  const all: Difference[] = [];
  walk(nodeAt(kind, place), { now, before }, path, place.split('.').at(-1) ?? '', (found) => {
    all.push(found);
    return all.length >= most;
  });
  return all;
};
