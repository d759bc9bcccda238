import { NOT_ACTED_ON, VM_STATUS_NOT_ACTED_ON, type NotActedOn } from '../api/settings/acted-on.js';
import { asksForNothing } from '../api/settings/asks.js';
import { shortened, type Cause } from '../api/cause.js';
import { differenceAt } from '../api/schema-check/semantic-difference.js';
import type { RuleKind } from './rule/subject.js';
import { show } from './rule/wording.js';

/** What admission says about fields that exist in the API and that nothing acts on yet: nothing is silently ignored. */
export const notActedOnRule = {
  id: 'field.not-acted-on',
  kinds: [
    'VirtualMachineInstance',
    'VirtualMachine',
    'VirtualMachineInstanceReplicaSet',
    'KubeVirt',
  ] as readonly RuleKind[],
  field: 'those listed below',
  source: 'none: a field is acted on or refused, never ignored',
  since: '0.1',
  summary: 'a field that this version does not act on yet',
} as const;

/** A list of paths as a tree, so that an object is walked once and not once for each of two hundred paths. */
interface Branch {
  /** By name. */
  readonly members: Map<string, Branch>;
  /** What a step that ends in `[]` leads to. */
  items?: Branch;
  /** A path ends here: its position in the list. */
  ends?: { readonly index: number; readonly entry: NotActedOn };
}

const newBranch = (): Branch => ({ members: new Map() });

const member = (branch: Branch, name: string): Branch => {
  const known = branch.members.get(name);
  if (known !== undefined) return known;
  const made = newBranch();
  branch.members.set(name, made);
  return made;
};

const treeOf = (list: readonly NotActedOn[]): Branch => {
  const root = newBranch();
  for (const [index, entry] of list.entries()) {
    let at = root;
    for (const step of entry.path.split('.')) {
      at = member(at, step.replace(/\[\]$/, ''));
      if (step.endsWith('[]')) at = at.items ??= newBranch();
    }
    at.ends ??= { index, entry };
  }
  return root;
};

/** A list's tree, once it was needed. */
const trees = new WeakMap<readonly NotActedOn[], Branch>();
const treeOfOnce = (list: readonly NotActedOn[]): Branch => {
  let tree = trees.get(list);
  if (tree === undefined) trees.set(list, (tree = treeOf(list)));
  return tree;
};

interface Place {
  readonly index: number;
  readonly entry: NotActedOn;
  readonly field: string;
  readonly value: unknown;
}

const isActedOn = ({ but, unless }: NotActedOn, value: unknown): boolean =>
  unless?.holds(value) === true || (but !== undefined && typeof value === 'string' && but.includes(value));

const problemOf = ({ entry: { reason, but, remedy = 'remove it' }, value }: Place): string =>
  but === undefined
    ? `this version does not act on this field yet (${reason}): ${remedy}`
    : `this version does not act on ${show(value)} yet (${reason}): write ${but[0]}`;

/**
 * Collects the places at which a path leads to something that is set. Own members only: it visits those that exist.
 */
const collect = (branch: Branch, value: unknown, path: string, places: Place[]): void => {
  const { ends } = branch;
  // Nothing is below what asks for nothing.
  if (asksForNothing(value, ends?.entry.presence)) return;
  if (ends !== undefined && !isActedOn(ends.entry, value)) places.push({ field: path, value, ...ends });
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    const { items } = branch;
    if (items !== undefined) value.forEach((item, i) => collect(items, item, `${path}[${i}]`, places));
    return;
  }
  if (branch.members.size === 0) return;
  for (const name in value) {
    const child = branch.members.get(name);
    if (child !== undefined) collect(child, (value as Record<string, unknown>)[name], `${path}.${name}`, places);
  }
};

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

/** The name of an item of a list below a spec. */
const nameAt = (spec: unknown, list: string, index: number): unknown => {
  const items = list
    .split('.')
    .reduce<unknown>((at, step) => (isObject(at) && Object.hasOwn(at, step) ? at[step] : undefined), spec);
  const item: unknown = Array.isArray(items) ? items[index] : undefined;
  return isObject(item) ? item['name'] : undefined;
};

/** Without the bindings of interfaces whose network is refused: both have to go, and another binding is no remedy. */
const withoutInterfacesOfRefused = (places: Place[], root: unknown): Place[] => {
  const indexIn = (list: string, { field }: Place): number => {
    const [, index = '-1'] = new RegExp(`\\b${list}\\[(\\d+)\\]`).exec(field) ?? [];
    return Number(index);
  };
  const networks = places.filter(
    ({ entry }) => entry.path.startsWith('networks[].') || entry.path.includes('.networks[].'),
  );
  if (networks.length === 0) return places;
  const template = isObject(root) ? root['template'] : undefined;
  const spec = isObject(template) ? template['spec'] : root;
  const refused = new Set(networks.map((place) => nameAt(spec, 'networks', indexIn('networks', place))));
  return places.filter((place) => {
    const index = place.entry.path.includes('interfaces[].') ? indexIn('interfaces', place) : -1;
    return index < 0 || !refused.has(nameAt(spec, 'domain.devices.interfaces', index));
  });
};

const placesBelow = (root: unknown, rootPath: string, list: readonly NotActedOn[]): Place[] => {
  const places: Place[] = [];
  collect(treeOfOnce(list), root, rootPath, places);
  return places.sort((a, b) => a.index - b.index);
};

/**
 * The fields of a list of which an object's spec has something that asks for something, and why nothing comes of it.
 */
export const findIgnored = (
  object: { readonly spec?: unknown },
  list: readonly NotActedOn[],
): readonly { readonly field: string; readonly reason: string }[] =>
  placesBelow(object.spec, 'spec', list).map(({ field, entry: { reason } }) => ({ field, reason }));

const causesBelow = (root: unknown, rootPath: string, list: readonly NotActedOn[]): Cause[] =>
  withoutInterfacesOfRefused(placesBelow(root, rootPath, list), root).map((place) => ({
    type: 'FieldValueNotSupported' as const,
    field: place.field,
    message: shortened(problemOf(place)),
    rule: notActedOnRule.id,
  }));

/**
 * One cause for each place where the object has a field of the list, in the list's order. `object` fits its schema, or
 * is any stored object.
 */
export const findNotActedOn = (
  kind: keyof typeof NOT_ACTED_ON,
  object: unknown,
  list: readonly NotActedOn[] = NOT_ACTED_ON[kind],
): Cause[] => causesBelow((object as { spec?: unknown }).spec, 'spec', list);

/** Requests in the status of a VM that nothing would act on, and that the stored object has not. */
export const findStatusNotActedOn = (vm: unknown, old: unknown): Cause[] => {
  const [now, before] = [vm, old].map((object) => (object as { status?: unknown } | null | undefined)?.status);
  return VM_STATUS_NOT_ACTED_ON.filter(({ path }) => {
    const [value, stored] = [now, before].map(
      (status) => (status as Record<string, unknown> | null | undefined)?.[path],
    );
    return differenceAt('VirtualMachine', `status.${path}`, value, stored) !== undefined;
  }).flatMap((entry) => causesBelow(now, 'status', [entry]));
};

/**
 * Whether one of `fields` is this one, or one that it is below: looks up each part of the path, however many fields
 * there are.
 */
const isWithinOneOf = (field: string, fields: ReadonlySet<string>): boolean => {
  if (fields.has(field)) return true;
  for (let end = field.length - 1; end > 0; end -= 1) {
    const next = field[end];
    if ((next === '.' || next === '[') && fields.has(field.slice(0, end))) return true;
  }
  return false;
};

/**
 * Causes about what has to be removed or rewritten anyway, or that exist because of it, report the same mistake again.
 */
export const withoutWhatIsRemoved = (causes: readonly Cause[], removed: readonly Cause[]): readonly Cause[] => {
  if (removed.length === 0 || causes.length === 0) return causes;
  const fields = new Set(removed.map(({ field }) => field));
  return causes.filter(
    ({ field, because = field }) =>
      !isWithinOneOf(field, fields) && !(because !== field && isWithinOneOf(because, fields)),
  );
};
