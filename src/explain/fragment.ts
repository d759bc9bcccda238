import { isDeepStrictEqual } from 'node:util';
import { Document, Pair, Scalar, YAMLMap, YAMLSeq, type Node } from 'yaml';
import { manifest } from '../validators/rule/example-manifest.js';
import type { Change } from '../validators/rule/examples.js';
import type { RuleKind } from '../validators/rule/subject.js';
import { isRecord } from '../api/record.js';

/*
 * The part of an example manifest that its change sets, as YAML. What is left out: other fields, other items of lists.
 * What is cut: long texts and lists that are an example just because of their length.
 */

const MAX_TEXT = 80;
const SHOWN_TEXT = 24;
const MAX_ITEMS = 12;
const SHOWN_ITEMS = 2;

/** Which members and items of an object are shown: all of it, or these. */
type Selection = 'all' | Map<string, Selection>;

const stepsOf = (path: string): string[] => path.split(/[.[\]]+/).filter(Boolean);

const select = (paths: readonly string[]): Selection => {
  const root = new Map<string, Selection>();
  for (const path of paths) {
    const steps = stepsOf(path);
    let at: Selection = root;
    for (const [index, step] of steps.entries()) {
      if (at === 'all') break;
      const next: Selection = index === steps.length - 1 ? 'all' : (at.get(step) ?? new Map<string, Selection>());
      at.set(step, next);
      at = next;
    }
  }
  return root;
};

const nodeOf = (value: unknown): Node => {
  if (Array.isArray(value)) return listNode(value, 'all', '');
  if (isRecord(value)) return mapNode(value, 'all');
  const scalar = new Scalar(value);
  if (typeof value === 'string' && value.length > MAX_TEXT) {
    scalar.value = `${value.slice(0, SHOWN_TEXT)}…`;
    scalar.comment = ` ${value.length} characters`;
  }
  return scalar;
};

/** An item that is shown in part keeps its name, by which it is known. */
const withName = (selection: Selection): Selection =>
  selection === 'all' ? selection : new Map<string, Selection>([['name', 'all'], ...selection]);

const listNode = (list: readonly unknown[], selection: Selection, name: string): YAMLSeq => {
  const seq = new YAMLSeq<Node>();
  const indices =
    selection === 'all' ? list.map((_, index) => index) : [...selection.keys()].map(Number).sort((a, b) => a - b);
  const shown = selection === 'all' && list.length > MAX_ITEMS ? indices.slice(0, SHOWN_ITEMS) : indices;
  for (const index of shown) {
    const item = list[index];
    // An item that another version of the object has.
    if (item === undefined) continue;
    const chosen = selection === 'all' ? 'all' : (selection.get(String(index)) ?? 'all');
    const node = isRecord(item) ? mapNode(item, withName(chosen)) : nodeOf(item);
    // Causes name items by their index, so an item that stands elsewhere says where.
    if (index !== seq.items.length) node.commentBefore = ` ${name}[${index}]`;
    seq.add(node);
  }
  if (shown.length < indices.length) seq.comment = ` … ${list.length} items`;
  return seq;
};

const mapNode = (object: Record<string, unknown>, selection: Selection): YAMLMap => {
  const map = new YAMLMap<Scalar, Node>();
  const chosen = (key: string): Selection | undefined => (selection === 'all' ? 'all' : selection.get(key));
  for (const [key, value] of Object.entries(object)) {
    const below = chosen(key);
    if (below === undefined) continue;
    map.add(new Pair(new Scalar(key), memberNode(key, value, below)));
  }
  const absent = selection === 'all' ? [] : [...selection.keys()].filter((key) => !(key in object) && key !== 'name');
  if (absent.length > 0) map.comment = ` no ${absent.join(', no ')}`;
  return map;
};

const memberNode = (key: string, value: unknown, selection: Selection): Node => {
  if (Array.isArray(value)) return listNode(value, selection, key);
  return isRecord(value) ? mapNode(value, selection) : nodeOf(value);
};

/** Any value as YAML; long texts and lists are cut. */
export const toYaml = (value: unknown): string => print(nodeOf(value));

const print = (node: Node): string =>
  new Document(node)
    .toString({ lineWidth: 0, flowCollectionPadding: true })
    // An empty object with a comment: on one line.
    .replace(/:\n +\{\}\n +(#.*)/g, ': {} $1');

/** The change of a valid manifest of a kind, as YAML. The kind is shown where it is not the usual one. */
export const fragmentOf = (change: Change, kind: RuleKind = 'VirtualMachineInstance'): string => {
  const paths = Object.keys(change);
  const shown = kind === 'VirtualMachineInstance' && paths.length > 0 ? paths : ['kind', ...paths];
  return print(mapNode(manifest(change, kind), select(shown)));
};

const valueAt = (object: unknown, path: string): unknown =>
  stepsOf(path).reduce<unknown>(
    (at, step) => (isRecord(at) || Array.isArray(at) ? Reflect.get(at, step) : undefined),
    object,
  );

/** What is longer is shown only where the versions differ. */
const SHORT = 60;

/** Items of different names are different items, not versions of one. */
const nameOf = (value: unknown): unknown => (isRecord(value) ? value.name : undefined);

/** Below `path`: where versions of an object differ. Keys that are no plain names stay inside what they are in. */
const differences = (versions: readonly unknown[], path: string): string[] => {
  const [first] = versions;
  if (versions.every((one) => isDeepStrictEqual(one, first))) return [];
  const present = versions.filter((one) => one !== undefined);
  const lists = present.every(Array.isArray);
  if (present.length < 2 || !(lists || present.every(isRecord))) return [path];
  const keys = [...new Set(present.flatMap((one) => Object.keys(one as object)))];
  if (!keys.every((key) => /^\w+$/.test(key)) || new Set(present.map(nameOf)).size > 1) return [path];
  return keys.flatMap((key) =>
    differences(
      versions.map((one) => valueAt(one, key)),
      lists ? `${path}[${key}]` : `${path}.${key}`,
    ),
  );
};

/**
 * Versions of one object, such as the stored one and what it is changed to: what sets them apart, and what is short.
 */
export const fragmentsOf = (changes: readonly Change[], kind: RuleKind = 'VirtualMachineInstance'): string[] => {
  const versions = changes.map((change) => manifest(change, kind));
  const keys = [...new Set(changes.flatMap(Object.keys))];
  const paths = keys.flatMap((key) => {
    const values = versions.map((version) => valueAt(version, key));
    return values.every((value) => (value === undefined ? '' : JSON.stringify(value)).length <= SHORT)
      ? [key]
      : differences(values, key);
  });
  const shown = select(kind === 'VirtualMachineInstance' ? paths : ['kind', ...paths]);
  return versions.map((version) => print(mapNode(version, shown)));
};
