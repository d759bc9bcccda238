/*
 * One text for values that mean the same: keys in order, what is undefined left out.
 */

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined && member !== null)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, member]): [string, unknown] => [key, sorted(member)]);
  return Object.fromEntries(members);
};

export const canonical = (value: unknown): string => JSON.stringify(sorted(value ?? null));
