import { childPath, indexPath } from '../cause.js';
import type { SchemaNode } from './schema-node.js';

/** From an object's root to something in it: names of members, and positions in lists. */
export type Steps = readonly (string | number)[];

export const pathOf = (steps: Steps): string =>
  steps.reduce<string>((path, step) => (typeof step === 'number' ? indexPath(path, step) : childPath(path, step)), '');

export type Properties = Readonly<Record<string, SchemaNode>>;

/** Where an object of a schema is: what a message about one of its fields needs to know of those around it. */
export interface Place {
  readonly properties: Properties;
  /** How many steps from the root: a list's item is two below what the list is a member of. */
  readonly depth: number;
  readonly outer: Place | undefined;
}
