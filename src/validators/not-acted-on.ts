import { NOT_ACTED_ON, VM_STATUS_NOT_ACTED_ON, type NotActedOn } from '../api/acted-on.js';
import type { Cause } from '../api/cause.js';
import { differenceAt } from '../api/semantic-difference.js';
import type { RuleKind } from './rule.js';

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
  source: 'design §4',
  since: '0.1',
  summary: 'a field that this version does not act on yet',
} as const;

/** Off, empty and absent ask for nothing. */
const asksForNothing = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === false ||
  value === '' ||
  (Array.isArray(value) && value.length === 0);

/** A list of paths as a tree, so that an object is walked once and not once for each of two hundred paths. */
interface Branch {
  /** By name. */
  readonly members: Map<string, Branch>;
  /** What a step that ends in `[]` leads to. */
  items?: Branch;
  /** A path ends here: its position in the list. */
  ends?: { readonly index: number; readonly reason: string };
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
  for (const [index, { path, reason }] of list.entries()) {
    let at = root;
    for (const step of path.split('.')) {
      at = member(at, step.replace(/\[\]$/, ''));
      if (step.endsWith('[]')) at = at.items ??= newBranch();
    }
    at.ends ??= { index, reason };
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
  readonly reason: string;
  readonly field: string;
}

/** Collects the places at which a path leads to something that is set. Own members only: it goes through those there are. */
const collect = (branch: Branch, value: unknown, path: string, places: Place[]): void => {
  if (asksForNothing(value)) return;
  if (branch.ends !== undefined) places.push({ field: path, ...branch.ends });
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

const causesBelow = (root: unknown, rootPath: string, list: readonly NotActedOn[]): Cause[] => {
  const places: Place[] = [];
  collect(treeOfOnce(list), root, rootPath, places);
  return places
    .sort((a, b) => a.index - b.index)
    .map(({ field, reason }) => ({
      type: 'FieldValueNotSupported' as const,
      field,
      message: `this version does not act on this field yet (${reason}): remove it`,
      rule: notActedOnRule.id,
    }));
};

/** One cause for each place where the object has a field of the list, in the list's order. `object` fits its schema, or is any stored object. */
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

/** Whether one of `fields` is this one, or one that it is below: looks up each part of the path, however many fields there are. */
const isWithinOneOf = (field: string, fields: ReadonlySet<string>): boolean => {
  if (fields.has(field)) return true;
  for (let end = field.length - 1; end > 0; end -= 1) {
    const next = field[end];
    if ((next === '.' || next === '[') && fields.has(field.slice(0, end))) return true;
  }
  return false;
};

/** Causes about what has to be removed or written anew anyway, or that exist because of it, say the same mistake again. */
export const withoutWhatIsRemoved = (causes: readonly Cause[], removed: readonly Cause[]): readonly Cause[] => {
  if (removed.length === 0 || causes.length === 0) return causes;
  const fields = new Set(removed.map(({ field }) => field));
  return causes.filter(
    ({ field, because = field }) =>
      !isWithinOneOf(field, fields) && !(because !== field && isWithinOneOf(because, fields)),
  );
};
