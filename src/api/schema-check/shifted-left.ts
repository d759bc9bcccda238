import type { Properties } from './place.js';

/*
 * A text that lost its indentation: "template:" with nothing behind it, and below it, at the same level, what belongs
 * in it.
 */

type Json = Readonly<Record<string, unknown>>;

/** Fields that were meant for an empty object beside them. */
export interface Shifted {
  /** The empty one. */
  readonly holder: string;
  /** Their names, and where they belong, from the object that has both. */
  readonly fields: readonly { readonly from: string; readonly to: readonly string[] }[];
}

interface Empty {
  readonly properties: Properties;
  readonly steps: readonly string[];
}

const emptyIn = (around: Json, properties: Properties): Empty[] =>
  Object.entries(properties).flatMap(([name, { properties: inner }]) =>
    inner !== undefined && name !== 'status' && Object.hasOwn(around, name) && around[name] === null
      ? [{ properties: inner, steps: [name] }]
      : [],
  );

/** For each empty object the unknown fields beside it that it could have, those of an empty one among them, too. */
export const shiftedLeft = (around: Json, properties: Properties): readonly Shifted[] => {
  const empty = emptyIn(around, properties);
  if (empty.length === 0) return [];
  const left = new Set(Object.keys(around).filter((key) => !Object.hasOwn(properties, key)));
  const found = new Map<string, { from: string; to: readonly string[] }[]>();
  // Grows by what is empty itself: each name once, as it is taken out of those that are left.
  for (const { properties: own, steps } of empty) {
    for (const [name, node] of Object.entries(own)) {
      const [holder] = steps;
      if (holder === undefined || !left.delete(name)) continue;
      found.set(holder, [...(found.get(holder) ?? []), { from: name, to: [...steps, name] }]);
      if (around[name] === null && node.properties !== undefined)
        empty.push({ properties: node.properties, steps: [...steps, name] });
    }
  }
  return [...found].map(([holder, fields]) => ({ holder, fields }));
};
