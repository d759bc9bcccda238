/** Finding things by name: lists of a VM name each other, and many rules look from every item of one into the other. */

interface Named {
  readonly name: string;
}
type List = readonly Named[];

/** Up to here reading along a list is faster than any index, and most VMs have no longer ones. */
const SHORT = 16;

interface Positions {
  readonly first: number;
  readonly last: number;
}
type Index = ReadonlyMap<string, Positions>;

/**
 * Where the items of each name are, in the long lists of one subject: made when a rule first looks. Ten rules look for
 * the volume of each of up to 256 disks, which took 3 ms by reading along.
 */
export type NameIndexes = Map<List, Index>;

/**
 * What is looked into: a subject of rules. It carries its indexes, because the next may hold a list that was changed.
 */
export interface Indexed {
  readonly indexes: NameIndexes;
}

const indexOf = ({ indexes }: Indexed, list: List): Index => {
  const known = indexes.get(list);
  if (known !== undefined) return known;
  const index = new Map<string, Positions>();
  for (const [i, { name }] of list.entries()) index.set(name, { first: index.get(name)?.first ?? i, last: i });
  indexes.set(list, index);
  return index;
};

/** Position of the first item of this name; −1: there is none. `subject` is what the rule was given. */
export const positionOf = (subject: Indexed, list: List | undefined, name: string): number => {
  if (list === undefined) return -1;
  if (list.length > SHORT) return indexOf(subject, list).get(name)?.first ?? -1;
  for (let i = 0; i < list.length; i += 1) {
    if (list[i]?.name === name) return i;
  }
  return -1;
};

/** Whether an item has this name. */
export const hasNamed = (subject: Indexed, list: List | undefined, name: string): boolean =>
  positionOf(subject, list, name) >= 0;

/** Whether each item has one of the same name in another list. */
export const allNamedIn = (subject: Indexed, list: List | undefined, other: List | undefined): boolean =>
  list?.every(({ name }) => hasNamed(subject, other, name)) ?? true;

/** The first item of this name. */
export const findNamed = <Item extends Named>(
  subject: Indexed,
  list: readonly Item[] | undefined,
  name: string,
): Item | undefined => list?.[positionOf(subject, list, name)];

/** The last item of this name. */
export const findLastNamed = <Item extends Named>(
  subject: Indexed,
  list: readonly Item[] | undefined,
  name: string,
): Item | undefined => {
  if (list === undefined) return undefined;
  if (list.length <= SHORT) return list.findLast((item) => item.name === name);
  return list[indexOf(subject, list).get(name)?.last ?? -1];
};
