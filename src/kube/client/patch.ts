import { isRecord } from '../../api/record.js';

/** One step of an RFC 6902 patch, of the kinds that our programs send. */
export type PatchOperation =
  { op: 'add' | 'replace' | 'test'; path: string; value: unknown } | { op: 'remove'; path: string };

export type JsonPatch = PatchOperation[];
export type PatchType = 'json' | 'merge' | 'strategic' | 'apply';

/** Content types of PATCH. CRDs know no strategic merge. */
export const PATCH_CONTENT_TYPE: Record<PatchType, string> = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
};

/** Own members only: a label may be called "valueOf". */
const own = (record: Record<string, unknown>, key: string): unknown =>
  Object.hasOwn(record, key) ? record[key] : undefined;

/**
 * The RFC 7386 patch from `before` to `after`, or undefined when they mean the same. A field that is undefined counts
 * as absent; lists are replaced whole, as that patch type demands.
 */
export const mergePatch = (before: unknown, after: unknown): Record<string, unknown> | undefined => {
  const from = isRecord(before) ? before : {};
  const to = isRecord(after) ? after : {};
  const patch: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(from)) {
    if (value !== undefined && value !== null && (own(to, key) === undefined || own(to, key) === null))
      patch[key] = null;
  }
  for (const [key, value] of Object.entries(to)) {
    const old = own(from, key);
    if (value === undefined || value === null || sameValue(old, value)) continue;
    patch[key] = isRecord(value) && isRecord(old) ? mergePatch(old, value) : withoutUndefined(value);
  }
  return Object.keys(patch).length > 0 ? patch : undefined;
};

const withoutUndefined = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

/** Equal as JSON values: order of keys and undefined fields do not count, order of lists does. */
export const sameValue = (left: unknown, right: unknown): boolean => {
  if (Object.is(left, right)) return true;
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((item, index) => sameValue(item, right[index]));
  }
  if (!isRecord(left) || !isRecord(right)) return false;
  const present = (record: Record<string, unknown>): string[] =>
    Object.keys(record).filter((key) => record[key] !== undefined);
  const keys = present(left);
  return keys.length === present(right).length && keys.every((key) => sameValue(left[key], own(right, key)));
};
