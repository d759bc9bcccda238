import { isRecord } from '../api/record.js';

/** The three operations of RFC 6902 that making one object from another needs. */
export type JsonPatchOperation =
  | { readonly op: 'add' | 'replace'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string };

type JsonObject = Readonly<Record<string, unknown>>;

/** RFC 6901: `~` and `/` in a key are written `~0` and `~1`. */
const token = (step: string | number): string =>
  typeof step === 'number' ? `${step}` : step.replaceAll('~', '~0').replaceAll('/', '~1');

/**
 * Whether an object has a member of its own: a label may be called "valueOf". What JSON holds is never a function, and
 * all that objects inherit is, but for `__proto__`: that answers without the slow Object.hasOwn.
 */
const has = (object: JsonObject, key: string): boolean => {
  const value = object[key];
  if (value === undefined) return false;
  return (typeof value !== 'function' && key !== '__proto__') || Object.hasOwn(object, key);
};

/**
 * A mutation never removes more members of one object or list than that one by one: beyond it, the whole object or list
 * is replaced. A user's made-up status of 250,000 items would otherwise become as many operations.
 */
const MAX_REMOVALS = 32;

/** Walks two values side by side. A path is put together only where they differ, which is in few of many places. */
class Differ {
  readonly patch: JsonPatchOperation[] = [];
  private readonly steps: (string | number)[] = [];

  /** What is at the same place in both. */
  diff(before: unknown, after: unknown): void {
    // JSON has no NaN, and to all who read it -0 is 0.
    if (before === after) return;
    if (isRecord(before) && isRecord(after)) this.diffObjects(before, after);
    else if (Array.isArray(before) && Array.isArray(after)) this.diffArrays(before, after);
    else this.patch.push({ op: 'replace', path: this.path(), value: after });
  }

  private diffObjects(before: JsonObject, after: JsonObject): void {
    const begun = this.patch.length;
    let removals = 0;
    for (const key in before) {
      const old = before[key];
      const now = after[key];
      // Most members are as they were: nothing else is asked about them. Functions and prototypes are never equal to
      // JSON.
      if (old === now || !has(before, key)) continue;
      if (has(after, key)) this.diffChild(key, old, now);
      else if (removals === MAX_REMOVALS && this.steps.length > 0) {
        this.patch.splice(begun, Infinity, { op: 'replace', path: this.path(), value: after });
        return;
      } else {
        removals += 1;
        this.patch.push({ op: 'remove', path: this.path(key) });
      }
    }
    for (const key in after) {
      if (!has(before, key) && has(after, key)) {
        this.patch.push({ op: 'add', path: this.path(key), value: after[key] });
      }
    }
  }

  /**
   * Item by item: mutators add to the end and change items in place, they never reorder, so this is minimal for them.
   */
  private diffArrays(before: readonly unknown[], after: readonly unknown[]): void {
    if (before.length - after.length > MAX_REMOVALS && this.steps.length > 0) {
      this.patch.push({ op: 'replace', path: this.path(), value: after });
      return;
    }
    const common = Math.min(before.length, after.length);
    for (let i = 0; i < common; i += 1) {
      if (before[i] !== after[i]) this.diffChild(i, before[i], after[i]);
    }
    for (let i = common; i < after.length; i += 1) {
      this.patch.push({ op: 'add', path: this.path(i), value: after[i] });
    }
    // From the end, so that the indices of the others stay what they are.
    for (let i = before.length - 1; i >= common; i -= 1) this.patch.push({ op: 'remove', path: this.path(i) });
  }

  private diffChild(step: string | number, before: unknown, after: unknown): void {
    this.steps.push(step);
    this.diff(before, after);
    this.steps.pop();
  }

  private path(last?: string | number): string {
    const parent = this.steps.reduce<string>((path, step) => `${path}/${token(step)}`, '');
    return last === undefined ? parent : `${parent}/${token(last)}`;
  }
}

/**
 * A patch that turns `before` into `after`, with operations at the exact paths and nothing that stays as it is. Both
 * must be JSON (a member that is undefined counts as absent). Why not a library: the ones in the registry were measured
 * for applying; making a patch is these lines, and their undefined handling differs from JSON's.
 */
export const makePatch = (before: unknown, after: unknown): JsonPatchOperation[] => {
  const differ = new Differ();
  differ.diff(before, after);
  return differ.patch;
};
