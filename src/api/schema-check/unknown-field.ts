import { OTHER_NAMES } from './other-names.js';
import { pathOf, type Place, type Properties, type Steps } from './place.js';
import type { SchemaNode } from './schema-node.js';
import { suggest } from './suggest.js';

/* What to write instead of a field that a schema does not have. */

type Json = Readonly<Record<string, unknown>>;

/** A field of this name elsewhere in the schema. */
interface Namesake {
  /** From the place that was searched: names; a list's items are `[]`. */
  readonly steps: readonly string[];
  readonly node: SchemaNode;
}

/** How far a field is looked for, in steps up and down; into a list it is further than that. */
const REACH = 4;
const INTO_LIST = 2;
/** Names that fields all over the schema have: nobody who writes one means another five objects away. */
const COMMON = new Set(
  'action,apiversion,enabled,key,kind,metadata,model,mode,name,namespace,operator,path,port,source,spec'
    .concat(',state,status,tag,type,uid,url,value,values,version,index,id')
    .split(','),
);

const plain = (key: string): string => key.toLowerCase().replace(/[-_]/g, '');

/** By their plain names, all fields that lie below these properties, nearest first; made once for each object. */
const found = new WeakMap<Properties, Map<string, Namesake[]>>();
const namesakesBelow = (properties: Properties): ReadonlyMap<string, readonly Namesake[]> => {
  const known = found.get(properties);
  if (known !== undefined) return known;
  const places = new Map<string, Namesake[]>();
  let level: { steps: readonly string[]; properties: Properties }[] = [{ steps: [], properties }];
  for (let depth = 0; depth <= REACH; depth += 1) {
    const next: typeof level = [];
    for (const { steps, properties: members } of level) {
      for (const [name, node] of Object.entries(members)) {
        const list = places.get(plain(name)) ?? [];
        list.push({ steps: [...steps, name], node });
        places.set(plain(name), list);
        const inner = (node.items ?? node).properties;
        if (inner !== undefined)
          next.push({ steps: [...steps, name, ...(node.items === undefined ? [] : ['[]'])], properties: inner });
      }
    }
    level = next;
  }
  found.set(properties, places);
  return places;
};

const shapeOf = (node: SchemaNode): string => (node.type === 'array' || node.type === 'object' ? node.type : 'scalar');
const shapeOfValue = (value: unknown): string | undefined => {
  if (value === null) return undefined;
  if (Array.isArray(value)) return 'array';
  return typeof value === 'object' ? 'object' : 'scalar';
};

interface Candidate extends Namesake {
  readonly cost: number;
  readonly up: Place;
}

/** What lies in the written object at these steps. */
const written = (root: unknown, steps: Steps): unknown => {
  let at = root;
  for (const step of steps) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, step)) return undefined;
    at = (at as Record<string | number, unknown>)[step];
  }
  return at;
};

/** Of several places that are as near, the one whose object was written. */
const IS_WRITTEN = 0.5;

/** Where a field of this name, that could have this value, is nearest. */
const nearest = (key: string, value: unknown, place: Place, { root, steps }: Written): Candidate | undefined => {
  const name = plain(key);
  const reach = COMMON.has(name) ? 1 : REACH;
  const shape = shapeOfValue(value);
  let best: Candidate | undefined;
  let levels = 0;
  for (let up: Place | undefined = place; up !== undefined && levels <= reach; up = up.outer, levels += 1) {
    for (const one of namesakesBelow(up.properties).get(name) ?? []) {
      if (shape !== undefined && shapeOf(one.node) !== shape) continue;
      const lists = one.steps.filter((step) => step === '[]').length;
      const cost = levels + one.steps.length - lists - 1 + lists * INTO_LIST;
      if (cost > reach) continue;
      const target = [...steps.slice(0, up.depth), ...one.steps];
      // Nobody means what the controllers write, nor, by a name that many fields have, what is there already.
      if (target[0] === 'status' || (COMMON.has(name) && written(root, target) != null)) continue;
      const owner = target.slice(0, -1);
      const weighed = cost - (lists === 0 && written(root, owner) != null ? IS_WRITTEN : 0);
      if (best === undefined || weighed < best.cost) best = { ...one, cost: weighed, up };
    }
  }
  return best;
};

/** The one field of which the word is the beginning, or that is the beginning of the word. */
const begun = (key: string, known: readonly string[]): string | undefined => {
  const word = plain(key);
  if (word.length < 4) return undefined;
  const matches = known.filter(
    (name) => plain(name).startsWith(word) || (name.length > 3 && word.startsWith(plain(name))),
  );
  return matches.length === 1 ? matches[0] : undefined;
};

const nodeAt = (properties: Properties, path: string): SchemaNode | undefined => {
  let node: SchemaNode | undefined = { properties };
  for (const step of path.split('.')) {
    if (node.additionalProperties !== undefined) return node.additionalProperties;
    node = node.properties !== undefined && Object.hasOwn(node.properties, step) ? node.properties[step] : undefined;
    if (node === undefined) return undefined;
  }
  return node;
};

const otherName = (key: string, value: unknown, properties: Properties): string | undefined => {
  const name = plain(key);
  const names = Object.hasOwn(OTHER_NAMES, name) ? OTHER_NAMES[name] : undefined;
  const shape = shapeOfValue(value);
  return names?.find((path) => {
    const node = nodeAt(properties, path);
    return node !== undefined && (shape === undefined || shapeOf(node) === shape);
  });
};

/** The object that was written, and where in it one is. */
interface Written {
  readonly root: unknown;
  readonly steps: Steps;
}

export interface Remedy {
  /** Continues "is not a known field; ". */
  readonly text: string;
  /** What was meant, where that is plain. */
  readonly instead?: Steps;
}

/**
 * What to say about a field that an object does not have: what it is called, or where it belongs.
 * @param around the object that has it
 */
export const unknownRemedy = (key: string, around: Json, place: Place, whole: Written): Remedy => {
  const { steps } = whole;
  const { properties } = place;
  const known = Object.keys(properties);
  const value = around[key];
  const here = (path: string, text = `did you mean "${path}"?`): Remedy => ({
    text,
    instead: [...steps, ...path.split('.')],
  });
  const same = known.find((name) => plain(name) === plain(key));
  if (same !== undefined) return here(same);
  const renamed = otherName(key, value, properties);
  if (renamed !== undefined) return here(renamed, `it is called ${renamed} here: write that`);
  const elsewhere = nearest(key, value, place, whole);
  const near = suggest(key, known) ?? (elsewhere === undefined ? begun(key, known) : undefined);
  if (near !== undefined) return here(near);
  if (elsewhere !== undefined) return belongs(elsewhere, place, steps);
  if (known.length === 0) return { text: 'write {} here: this object has no fields' };
  return { text: `remove it; the fields here are ${known.join(', ')}` };
};

const belongs = ({ steps: below, up }: Candidate, place: Place, steps: Steps): Remedy => {
  const outer = steps.slice(0, up.depth);
  const path = below.join('.').replaceAll('.[]', '[]');
  // An item of a list is not known: there may be several.
  const instead = below.includes('[]') ? {} : { instead: [...outer, ...below] };
  const owner = pathOf([...outer, ...below.slice(0, -1)]).replaceAll('[[]]', '[]');
  if (up === place) return { text: `did you mean "${path}"? It belongs in ${owner}`, ...instead };
  return { text: `it belongs in ${owner === '' ? 'the object itself, beside metadata' : owner}`, ...instead };
};
