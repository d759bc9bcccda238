import type { SchemaNode } from './schema-node.js';
import { suggest } from './suggest.js';

/* What to write instead of a field that a schema does not have. */

type Properties = Readonly<Record<string, SchemaNode>>;

/**
 * The place below these properties, at most three levels down, of each field that is there; the nearest where there are
 * several.
 */
const placesBelow = (properties: Properties, depth = 0): Map<string, string> => {
  const places = new Map<string, string>();
  const add = (key: string, place: string): void => {
    if (!places.has(key)) places.set(key, place);
  };
  const below = Object.entries(properties).map(
    ([name, node]) => [name, (node.items ?? node).properties ?? {}] as const,
  );
  for (const [name, inner] of below) for (const key of Object.keys(inner)) add(key, name);
  if (depth === 2) return places;
  for (const [name, inner] of below) {
    for (const [key, place] of placesBelow(inner, depth + 1)) add(key, `${name}.${place}`);
  }
  return places;
};

/**
 * Once for each object of the schema in which a user wrote an unknown field: a user who writes one may write thousands.
 */
const knownPlaces = new WeakMap<Properties, Map<string, string>>();
const placeOf = (key: string, properties: Properties): string | undefined => {
  let places = knownPlaces.get(properties);
  if (places === undefined) knownPlaces.set(properties, (places = placesBelow(properties)));
  return places.get(key);
};

/** Fields that had another name, and manifests of that time still have. */
const RENAMED: Readonly<Record<string, string>> = { registryDisk: 'containerDisk' };

/**
 * What to say about an unknown field: what it is called now, the nearest known one here, or where one of this name is.
 */
export const unknownRemedy = (key: string, properties: Properties): string => {
  const renamed = Object.hasOwn(RENAMED, key) ? RENAMED[key] : undefined;
  if (renamed !== undefined && Object.hasOwn(properties, renamed)) return `it was renamed to ${renamed}: write that`;
  const known = Object.keys(properties);
  const near = suggest(key, known);
  if (near !== undefined) return `did you mean "${near}"?`;
  const place = placeOf(key, properties);
  if (place !== undefined) return `did you mean "${place}.${key}"?`;
  if (known.length === 0) return 'write {} here: this object has no fields';
  return known.length > 12 ? 'remove it' : `remove it; the fields here are ${known.join(', ')}`;
};
