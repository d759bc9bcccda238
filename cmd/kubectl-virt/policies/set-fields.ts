/*
 * An object with some of its fields set, by their paths: `spec.template.spec.domain.cpu.cores`, `…disks[0].disk.bus`,
 * `…disks[name=root].disk.bus`, `metadata.labels[a.b/c]`. Null takes a field away.
 */

type Container = Record<string, unknown> | unknown[];

const isContainer = (value: unknown): value is Container => typeof value === 'object' && value !== null;

interface Step {
  readonly text: string;
  readonly bracketed: boolean;
}

const stepsOf = (path: string): Step[] | undefined => {
  const steps: Step[] = [];
  let end = 0;
  for (const match of path.matchAll(/(?:^|\.)([^.[\]]+)|\[([^\]]+)\]/g)) {
    if (match.index !== end) return undefined;
    end += match[0].length;
    const [, plain, bracketed] = match;
    steps.push({ text: plain ?? bracketed ?? '', bracketed: plain === undefined });
  }
  return end === path.length && steps.length > 0 ? steps : undefined;
};

/** The key or index that a step means; a text says why there is none. */
const keyIn = (container: Container, { text, bracketed }: Step): string | number | { readonly wrong: string } => {
  if (!Array.isArray(container)) return text;
  const [, field, wanted] = /^([^=]+)=([^]*)$/.exec(text) ?? [];
  if (bracketed && field !== undefined) {
    const index = container.findIndex(
      (item) => isContainer(item) && (item as Record<string, unknown>)[field] === wanted,
    );
    return index < 0 ? { wrong: `no item has ${field} ${JSON.stringify(wanted)}` } : index;
  }
  const index = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
  if (!(index <= container.length)) return { wrong: `there is a list of ${container.length}; write [0], or [name=x]` };
  return index;
};

/** A member of its own, whatever it is called. */
const write = (container: Container, key: string | number, value: unknown): void => {
  if (value === null && Array.isArray(container)) container.splice(Number(key), 1);
  else if (value === null) Reflect.deleteProperty(container, key);
  else Object.defineProperty(container, key, { value, writable: true, enumerable: true, configurable: true });
};

const setOne = (object: Container, path: string, value: unknown): string | undefined => {
  const steps = stepsOf(path);
  if (steps === undefined) return 'it is no path; write such as spec.template.spec.domain.cpu.cores';
  let at = object;
  for (const [i, step] of steps.entries()) {
    const key = keyIn(at, step);
    if (typeof key === 'object') return key.wrong;
    const next = steps[i + 1];
    if (next === undefined) {
      write(at, key, structuredClone(value));
      return undefined;
    }
    const there: unknown = Object.hasOwn(at, key) ? (at as Record<string | number, unknown>)[key] : undefined;
    if (there !== undefined && !isContainer(there)) return `${step.text} is ${JSON.stringify(there)}, no object`;
    if (there === undefined && value === null) return undefined;
    const inner = there ?? {};
    if (there === undefined) write(at, key, inner);
    at = inner;
  }
  return undefined;
};

export interface SetFields {
  readonly object: Record<string, unknown>;
  /** Paths that lead nowhere, with the reason. */
  readonly wrong: readonly { readonly path: string; readonly reason: string }[];
}

export const setFields = (
  object: Readonly<Record<string, unknown>>,
  fields: Readonly<Record<string, unknown>>,
): SetFields => {
  const copy = structuredClone(object) as Record<string, unknown>;
  const wrong = Object.entries(fields).flatMap(([path, value]) => {
    const reason = setOne(copy, path, value);
    return reason === undefined ? [] : [{ path, reason }];
  });
  return { object: copy, wrong };
};
