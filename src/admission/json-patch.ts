/** The three operations of RFC 6902 that making one object from another needs. */
export type JsonPatchOperation =
  | { readonly op: 'add' | 'replace'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string };

type JsonObject = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** RFC 6901: `~` and `/` in a key are written `~0` and `~1`. */
const token = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');

const diffObjects = (before: JsonObject, after: JsonObject, path: string, patch: JsonPatchOperation[]): void => {
  for (const key of Object.keys(before)) {
    const child = `${path}/${token(key)}`;
    // Own members only: a label may be called "valueOf".
    if (!Object.hasOwn(after, key) || after[key] === undefined) patch.push({ op: 'remove', path: child });
    else diff(before[key], after[key], child, patch);
  }
  for (const key of Object.keys(after)) {
    const value = after[key];
    if (!Object.hasOwn(before, key) && value !== undefined) {
      patch.push({ op: 'add', path: `${path}/${token(key)}`, value });
    }
  }
};

/** Item by item: mutators add to the end and change items in place, they never reorder, so this is minimal for them. */
const diffArrays = (
  before: readonly unknown[],
  after: readonly unknown[],
  path: string,
  patch: JsonPatchOperation[],
): void => {
  const common = Math.min(before.length, after.length);
  for (let i = 0; i < common; i += 1) diff(before[i], after[i], `${path}/${i}`, patch);
  for (let i = common; i < after.length; i += 1) patch.push({ op: 'add', path: `${path}/${i}`, value: after[i] });
  // From the end, so that the indices of the others stay what they are.
  for (let i = before.length - 1; i >= common; i -= 1) patch.push({ op: 'remove', path: `${path}/${i}` });
};

const diff = (before: unknown, after: unknown, path: string, patch: JsonPatchOperation[]): void => {
  // JSON has no NaN, and to all who read it -0 is 0.
  if (before === after) return;
  if (isObject(before) && isObject(after)) diffObjects(before, after, path, patch);
  else if (Array.isArray(before) && Array.isArray(after)) diffArrays(before, after, path, patch);
  else patch.push({ op: 'replace', path, value: after });
};

/**
 * A patch that turns `before` into `after`, with operations at the exact paths and nothing that stays as it is. Both must
 * be JSON (a member that is undefined counts as absent). Why not a library: the ones in the registry were measured for
 * applying; making a patch is these forty lines, and their undefined handling differs from JSON's.
 */
export const makePatch = (before: unknown, after: unknown): JsonPatchOperation[] => {
  const patch: JsonPatchOperation[] = [];
  diff(before, after, '', patch);
  return patch;
};
