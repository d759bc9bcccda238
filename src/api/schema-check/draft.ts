import { isWithin, shortened, type Cause } from '../cause.js';
import type { Correction } from './findings.js';
import { pathOf, type Steps } from './place.js';

/*
 * A copy of an object in which fields are moved to where they were meant to be, and the way back of what is said of it.
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

/** Causes of an object whose fields were moved, at the places where the user wrote them. */
export const asWritten = <C extends Cause>(causes: readonly C[], corrections: readonly Correction[]): readonly C[] => {
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
