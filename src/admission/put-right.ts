import { isWithin, shortened, type Cause } from '../api/cause.js';
import type { Correction } from '../api/schema-check/findings.js';
import { pathOf, type Steps } from '../api/schema-check/place.js';
import { NOT_ACTED_ON, type NotActedOn } from '../api/settings/acted-on.js';
import type { AdmissionRequest } from './types.js';

/*
 * A copy of an object in which what is wrong already is put right, as far as it is plain how: what a rule says of the
 * object and not of the copy follows from what was reported before.
 */

type Json = Record<string | number, unknown>;

const isHolder = (value: unknown): value is Json => typeof value === 'object' && value !== null;

/** Copies what it changes, each object and list once, however many changes there are. */
export class Draft {
  private readonly own = new WeakSet();
  private root: unknown;

  constructor(object: unknown) {
    this.root = object;
  }

  get object(): unknown {
    return this.root;
  }

  private copied(value: Json): Json {
    if (this.own.has(value)) return value;
    const copy = (Array.isArray(value) ? [...(value as unknown[])] : { ...value }) as Json;
    this.own.add(copy);
    return copy;
  }

  /** What holds the last step, copied on the way there; undefined where there is none. */
  private holder(steps: Steps, make: boolean): Json | undefined {
    if (!isHolder(this.root)) return undefined;
    let at = this.copied(this.root);
    this.root = at;
    for (const step of steps.slice(0, -1)) {
      const known = Object.hasOwn(at, step) ? at[step] : undefined;
      const next = known ?? (make ? {} : undefined);
      if (!isHolder(next)) return undefined;
      at = at[step] = this.copied(next);
    }
    return at;
  }

  /** Takes what is there out; undefined where nothing is. */
  take(steps: Steps): unknown {
    const holder = this.holder(steps, false);
    const last = steps.at(-1);
    if (holder === undefined || last === undefined || !Object.hasOwn(holder, last)) return undefined;
    const value = holder[last];
    if (!Array.isArray(holder)) Reflect.deleteProperty(holder, last);
    return value;
  }

  /** Puts a value where nothing is. What is there stays: of an object, what a default wrote beside it. */
  give(steps: Steps, value: unknown): void {
    const holder = this.holder(steps, true);
    const last = steps.at(-1);
    if (holder === undefined || last === undefined) return;
    const known = Object.hasOwn(holder, last) ? holder[last] : undefined;
    if (isObject(known) && isObject(value)) set(holder, last, { ...value, ...known });
    else if (known === undefined || known === null) set(holder, last, value);
  }
}

const isObject = (value: unknown): value is Json => isHolder(value) && !Array.isArray(value);

/** Also a member called `__proto__`. */
const set = (holder: Json, name: string | number, value: unknown): void => {
  Object.defineProperty(holder, name, { value, writable: true, enumerable: true, configurable: true });
};

/** Unknown fields where they were meant to be; without those of which nobody knows. */
export const moveUnknown = (draft: Draft, corrections: readonly Correction[]): void => {
  for (const { from, to } of corrections) {
    const value = draft.take(from);
    if (to !== undefined && value !== undefined) draft.give(to, value);
  }
};

/** The steps of a path whose names are plain: `spec.volumes[2].name`. */
export const stepsOf = (path: string): Steps =>
  path
    .replace(/\[(\d+)\]/g, '.$1')
    .split('.')
    .map((step) => (/^\d+$/.test(step) ? Number(step) : step));

/** What was reported before the rules run. */
export interface Earlier {
  readonly schema: readonly Cause[];
  readonly corrections: readonly Correction[];
  readonly notActedOn: readonly Cause[];
}

const listOf = (kind: AdmissionRequest['kind']): readonly NotActedOn[] => NOT_ACTED_ON[kind];

/** The object without what was refused, and with what that would have brought. */
export const putRight = (
  { kind, object }: Pick<AdmissionRequest, 'kind' | 'object'>,
  { schema, corrections, notActedOn }: Earlier,
): unknown => {
  const draft = new Draft(object);
  moveUnknown(draft, corrections);
  for (const { field, rule } of schema) if (rule !== 'schema.unknown') draft.take(stepsOf(field));
  for (const { field } of notActedOn) draft.take(stepsOf(field));
  const refused = new Set(notActedOn.map(({ field }) => field));
  for (const { path, brings } of listOf(kind)) {
    if (brings === undefined || !refused.has(`spec.${path}`)) continue;
    for (const [at, value] of Object.entries(brings)) draft.give(stepsOf(`spec.${at}`), value);
  }
  return draft.object;
};

/** What both say of the same field: the rest of the first follows from what was put right. */
export const commonCauses = (causes: readonly Cause[], others: readonly Cause[]): readonly Cause[] => {
  const kept = new Set(others.map(({ field, rule = '' }) => `${rule} ${field}`));
  return causes.filter(({ field, rule = '' }) => kept.has(`${rule} ${field}`));
};

/** Causes of an object whose fields were moved, at the places where the user wrote them. */
export const asWritten = (causes: readonly Cause[], corrections: readonly Correction[]): readonly Cause[] => {
  const moved = corrections.flatMap(({ from, to }) =>
    to === undefined ? [] : [{ from: pathOf(from), to: pathOf(to) }],
  );
  return causes.map((cause) => {
    const { field, message } = cause;
    const move = moved.find(({ to }) => isWithin(field, to));
    if (move === undefined) return cause;
    const written = `${move.from}${field.slice(move.to.length)}`;
    const text = message.startsWith(`${field} `) ? `${written}${message.slice(field.length)}` : message;
    return { ...cause, field: written, message: shortened(text) };
  });
};
