/**
 * For each item the index of the first one that has the same key, where that is an earlier one. Linear: lists without a
 * limit in the schema may be as long as a request. An undefined key has no twin.
 */
export const earlierTwins = <T>(
  list: readonly T[],
  keyOf: (item: T) => string | number | undefined,
): (number | undefined)[] => {
  const first = new Map<string | number, number>();
  return list.map((item, index) => {
    const key = keyOf(item);
    if (key === undefined) return undefined;
    const earlier = first.get(key);
    if (earlier === undefined) first.set(key, index);
    return earlier;
  });
};
