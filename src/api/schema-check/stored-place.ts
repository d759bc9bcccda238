import { childPath, indexPath } from '../cause.js';
import { schemaOf, type CheckedKind } from './check-schema.js';
import type { SchemaNode } from './schema-node.js';
import { semanticDifference } from './semantic-difference.js';
import { isRecord } from '../record.js';

/*
 * Where a place of an object was in the stored one, and whether the same is there. List entries that have names belong
 * together by name, others by what they hold: an entry that is put before them does not make them others.
 */

type Step = string | number;

const member = (value: unknown, step: Step): unknown => {
  if (typeof step === 'number') return Array.isArray(value) ? (value as readonly unknown[])[step] : undefined;
  return isRecord(value) && Object.hasOwn(value, step) ? value[step] : undefined;
};

const pathOf = (steps: readonly Step[]): string =>
  steps.reduce<string>((path, step) => (typeof step === 'number' ? indexPath(path, step) : childPath(path, step)), '');

/** The steps of a true path; undefined where the path can be read in more than one way (a key with brackets in it). */
const stepsOf = (path: string): Step[] | undefined => {
  const steps = [...path.matchAll(/\[([^\]]*)\]|[^.[\]]+/g)].map(([text, key]): Step => {
    if (key === undefined) return text;
    return /^\d+$/.test(key) ? Number(key) : key;
  });
  return pathOf(steps) === path ? steps : undefined;
};

/** An entry's own name, or that of the object that it describes (a DataVolume template). */
const nameOf = (entry: unknown): string | undefined => {
  const name = member(entry, 'name') ?? member(member(entry, 'metadata'), 'name');
  return typeof name === 'string' ? name : undefined;
};

const keyOf = (entry: unknown): string => {
  const name = nameOf(entry);
  return name === undefined ? JSON.stringify(entry) : `name ${name}`;
};

const schemaBelow = (node: SchemaNode, step: Step): SchemaNode => {
  if (typeof step === 'number') return node.items ?? {};
  const known =
    node.properties !== undefined && Object.hasOwn(node.properties, step) ? node.properties[step] : undefined;
  return known ?? node.additionalProperties ?? {};
};

const isAmount = (node: SchemaNode): boolean =>
  node.type === 'integer' || node.type === 'number' || node['x-kubernetes-int-or-string'] === true;

/** The place in both objects, and what is around it. */
interface Place {
  readonly storedPath: string;
  readonly node: SchemaNode;
  readonly name: string;
  readonly parent: SchemaNode;
  readonly now: { readonly holder: unknown; readonly value: unknown };
  readonly before: { readonly holder: unknown; readonly value: unknown };
}

/** Two versions of one object, side by side. */
export class StoredPlaces {
  /** For each list of the stored object that was looked into: where its entries are. Made once: lists may be long. */
  private readonly entries = new Map<readonly unknown[], ReadonlyMap<string, number>>();

  constructor(
    private readonly kind: CheckedKind,
    private readonly object: unknown,
    private readonly stored: unknown,
  ) {}

  /** What the place was called in the stored object; undefined where nothing there belongs to it. */
  storedPath(path: string): string | undefined {
    return this.follow(path)?.storedPath;
  }

  /**
   * Whether the same is there as was stored. Amounts that stand side by side are judged together: they are the parts of
   * one size (sockets, cores and threads; a size and the greatest that it may have).
   */
  isUnchanged(path: string): boolean {
    const place = this.follow(path);
    if (place === undefined) return false;
    const { node, name, parent, now, before } = place;
    if (semanticDifference(node, now.value, before.value, path, name) !== undefined) return false;
    if (!isAmount(node)) return true;
    return Object.entries(parent.properties ?? {}).every(
      ([key, sibling]) =>
        !isAmount(sibling) ||
        semanticDifference(sibling, member(now.holder, key), member(before.holder, key), key, key) === undefined,
    );
  }

  private follow(path: string): Place | undefined {
    const steps = stepsOf(path);
    if (steps === undefined) return undefined;
    const storedSteps: Step[] = [];
    let [node, parent]: [SchemaNode, SchemaNode] = [schemaOf(this.kind), {}];
    let now = { holder: undefined as unknown, value: this.object };
    let before = { holder: undefined as unknown, value: this.stored };
    for (const written of steps) {
      // A key of digits is written as an index is.
      const step = isRecord(now.value) ? String(written) : written;
      const storedStep = typeof step === 'number' ? this.storedIndex(now.value, before.value, step) : step;
      if (storedStep === undefined) return undefined;
      storedSteps.push(storedStep);
      [node, parent] = [schemaBelow(node, step), node];
      now = { holder: now.value, value: member(now.value, step) };
      before = { holder: before.value, value: member(before.value, storedStep) };
    }
    return { storedPath: pathOf(storedSteps), node, name: String(steps.at(-1) ?? ''), parent, now, before };
  }

  private storedIndex(list: unknown, stored: unknown, index: number): number | undefined {
    if (!Array.isArray(list) || !Array.isArray(stored)) return list === stored ? index : undefined;
    // What a default appends belongs to no entry of either.
    if (index >= list.length) return list.length === stored.length ? index : undefined;
    const key = keyOf(list[index]);
    // Several of one name are told apart by their places.
    if (index < stored.length && keyOf(stored[index]) === key) return index;
    return this.entriesOf(stored).get(key) ?? (nameOf(list[index]) === undefined ? index : undefined);
  }

  private entriesOf(list: readonly unknown[]): ReadonlyMap<string, number> {
    let known = this.entries.get(list);
    if (known === undefined)
      this.entries.set(list, (known = new Map(list.map((entry, index) => [keyOf(entry), index]))));
    return known;
  }
}
