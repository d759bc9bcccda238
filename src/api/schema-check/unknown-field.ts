import { describeValue } from './describe-value.js';
import { ofOtherKind } from './other-kinds.js';
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
  /** The lower, the more likely it was meant. */
  readonly cost: number;
  readonly up: Place;
}

/** What lies in the written object at these steps; of a list whose item is not known, in its first. */
const written = (root: unknown, steps: Steps): unknown => {
  let at = root;
  for (const named of steps) {
    const step = named === '[]' ? 0 : named;
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, step)) return undefined;
    at = (at as Record<string | number, unknown>)[step];
  }
  return at;
};

const isEmpty = (value: unknown): boolean =>
  value === null || (typeof value === 'object' && Object.keys(value).length === 0);

/** What somebody wrote comes before all that nobody did; what he left empty, before that. */
const NOT_WRITTEN = 100;
const NOT_EMPTY = 10;
const costOfOwner = (owner: unknown): number => {
  if (owner === undefined) return NOT_WRITTEN + NOT_EMPTY;
  return isEmpty(owner) ? 0 : NOT_EMPTY;
};

/**
 * How many steps down a field may be, by how many were gone up: far below where it stands, in a neighbour of the object
 * that has it, in an object around it; metadata may have whatever is of the object that it describes.
 */
const downFrom = (levels: number, place: Place): number => {
  if (levels === 0 || place.properties['managedFields'] !== undefined) return Infinity;
  return levels === 1 ? 2 : 1;
};

/** The places where a field of this name, that could have this value, is nearest: one, or several as near. */
const nearest = (key: string, value: unknown, place: Place, { root, steps }: Written): readonly Candidate[] => {
  const name = plain(key);
  const reach = COMMON.has(name) ? 1 : REACH;
  const shape = shapeOfValue(value);
  let best: Candidate[] = [];
  let levels = 0;
  for (let up: Place | undefined = place; up !== undefined && levels <= reach; up = up.outer, levels += 1) {
    for (const one of namesakesBelow(up.properties).get(name) ?? []) {
      if (shape !== undefined && shapeOf(one.node) !== shape) continue;
      const lists = one.steps.filter((step) => step === '[]').length;
      const down = one.steps.length - lists;
      const distance = levels + down - 1 + lists * INTO_LIST;
      if (distance > reach || down > downFrom(levels, place)) continue;
      const target = [...steps.slice(0, up.depth), ...one.steps];
      // Nobody means what the controllers write, nor, by a name that many fields have, what is there already.
      if (target[0] === 'status' || (COMMON.has(name) && written(root, target) != null)) continue;
      const cost = distance + costOfOwner(written(root, target.slice(0, -1)));
      const least = best[0]?.cost ?? Infinity;
      if (cost < least) best = [];
      if (cost <= least) best.push({ ...one, cost, up });
    }
  }
  const usual = best.find(({ steps: path }) => USUAL.includes(path.at(-2) ?? ''));
  return usual === undefined ? best : [usual];
};

/** Of several objects that could have a field, those that nearly everybody means. */
const USUAL = ['disk', 'persistentVolumeClaim', 'cloudInitNoCloud'];

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

/** What a container's resources are asked for by, directly in them. */
const RESOURCES = ['cpu', 'memory', 'storage', 'ephemeral-storage'];
const isRequest = (key: string, properties: Properties): boolean =>
  RESOURCES.includes(key) && Object.hasOwn(properties, 'requests') && Object.hasOwn(properties, 'limits');

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
  if (isRequest(key, properties)) {
    const text = `it belongs in ${pathOf([...steps, 'requests'])}`;
    return { text, instead: [...steps, 'requests', key] };
  }
  const renamed = otherName(key, value, properties);
  if (renamed !== undefined) return renamedTo(renamed, key, around, steps);
  const elsewhere = nearest(key, value, place, whole);
  const near = suggest(key, known) ?? (elsewhere.length === 0 ? begun(key, known) : undefined);
  if (near !== undefined) return here(near);
  if (elsewhere.length > 0) return belongs(elsewhere, key, steps);
  if (known.length === 0) return { text: 'write {} here: this object has no fields' };
  const others = ofOtherKind(key, properties);
  return { text: others ?? `remove it; the fields here are ${known.join(', ')}` };
};

/** Of a field that is called otherwise here. */
const renamedTo = (path: string, key: string, around: Json, steps: Steps): Remedy => {
  const instead = [...steps, ...path.split('.')];
  const owner = path.split('.').slice(0, -1);
  if (owner.length > 0 && plain(instead.at(-1)?.toString() ?? '') === plain(key))
    return { text: `it belongs in ${pathOf([...steps, ...owner])}`, instead };
  const present = Object.hasOwn(around, path) ? around[path] : undefined;
  if (present === undefined || present === null) return { text: `it is called ${path} here: write that`, instead };
  if (present === around[key]) return { text: `remove it: it is called ${path} here, which says the same` };
  return { text: `it is called ${path} here: write ${path}: ${describeValue(around[key])}, once` };
};

/** How many places a message names, where it is not plain which is meant. */
const MOST_PLACES = 4;

const belongs = (places: readonly Candidate[], key: string, steps: Steps): Remedy => {
  const [first] = places;
  const targetOf = ({ steps: below, up }: Candidate): Steps => [...steps.slice(0, up.depth), ...below];
  const shown = (target: Steps): string => pathOf(target).replaceAll('[[]]', '[]');
  if (first === undefined) return { text: 'remove it' };
  if (places.length > 1) {
    const owners = places.slice(0, MOST_PLACES).map((one) => shown(targetOf(one).slice(0, -1)));
    return { text: `it belongs in one of ${owners.join(', ')}${places.length > MOST_PLACES ? ', …' : ''}` };
  }
  const target = targetOf(first);
  // An item of a list is not known: there may be several.
  const instead = target.includes('[]') ? {} : { instead: target };
  if (target.at(-1) !== key) return { text: `write ${shown(target)} in its place`, ...instead };
  const owner = shown(target.slice(0, -1));
  return { text: `it belongs in ${owner === '' ? 'the object itself, beside metadata' : owner}`, ...instead };
};
