/** What JSON calls an object: neither null nor a list. */
export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What others wrote where an object belongs; an empty one where they wrote anything else. */
export const recordOf = (value: unknown): Readonly<Record<string, unknown>> => (isRecord(value) ? value : {});

/** A copy without an optional member. */
export const without = <T extends object>(value: T, member: keyof T): T =>
  Object.fromEntries(Object.entries(value).filter(([key]) => key !== member)) as T;
