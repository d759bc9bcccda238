import { Lines } from '../yaml/lines.js';
import type { MapNode } from '../yaml/node.js';
import { keyText, targetOf, toPlainData } from '../yaml/plain-data.js';
import { YamlSyntaxError } from '../yaml/syntax-error.js';
import { parseTree } from '../yaml/tree-parser.js';
import { suggest } from '../schema-check/suggest.js';
import { MAX_PROBLEMS, type CloudInitProblem } from './problem.js';
import { refusedByPython } from './python-yaml.js';
import { YAML_WORDS } from './yaml-words.js';

/** A key at the top of a map, and where it stands. */
export interface TopKey {
  readonly name: string;
  readonly offset: number;
}

export interface ReadMap {
  readonly lines: Lines;
  /** Empty where there is no map. */
  readonly keys: readonly TopKey[];
  readonly value: Readonly<Record<string, unknown>>;
  readonly problems: readonly CloudInitProblem[];
}

const keysOf = (map: MapNode): TopKey[] => map.pairs.map(({ key }) => ({ name: keyText(key), offset: key.start }));

/** The keys of the map that is the value of a key at the top. */
export const keysBelow = (text: string, name: string): TopKey[] => {
  const { root } = parseTree(text, { from: 0, to: text.length, json: false });
  const top = root === undefined ? undefined : targetOf(root);
  if (top?.kind !== 'map') return [];
  const found = top.pairs.find(({ key }) => keyText(key) === name);
  const below = found === undefined ? undefined : targetOf(found.value);
  return below?.kind === 'map' ? keysOf(below) : [];
};

/** The text of a key, where it is one and no secret that got there by a missing colon. */
const named = (name: string): string => (/^[A-Za-z][\w-]{0,39}$/.test(name) ? ` "${name}"` : '');

/** Reads a text of one YAML document that is a map; `what` names it. */
export const readMap = (text: string, what: string): ReadMap => {
  const lines = new Lines(text);
  const empty = { lines, keys: [], value: {} };
  const yaml = (offset: number, message: string): CloudInitProblem => ({
    kind: 'yaml',
    ...lines.positionOf(offset),
    message,
  });
  const unreadable = (offset: number, code: keyof typeof YAML_WORDS): ReadMap => ({
    ...empty,
    problems: [yaml(offset, `no YAML, so that cloud-init reads none of ${what}: ${YAML_WORDS[code]}`)],
  });
  try {
    const { root, rest } = parseTree(text, { from: 0, to: text.length, json: false });
    if (root === undefined) return { ...empty, problems: [] };
    const { value, repeated } = toPlainData(root);
    const refused = refusedByPython(text, root);
    if (refused !== undefined) return unreadable(refused.offset, refused.why);
    if (rest !== undefined)
      return {
        ...empty,
        problems: [yaml(rest, `a second document begins, and cloud-init then reads none of ${what}`)],
      };
    const top = targetOf(root);
    if (top.kind !== 'map') {
      const problems = value === null ? [] : [yaml(root.start, `no key with a colon stands at the top of ${what}`)];
      return { ...empty, problems };
    }
    const twice = repeated
      .filter(({ merged }) => !merged)
      .slice(0, MAX_PROBLEMS)
      .map(({ key, first, again }) =>
        yaml(again, `the key${named(key)} of line ${lines.positionOf(first).line} again, and only the last one counts`),
      );
    return { lines, keys: keysOf(top), value: value as Record<string, unknown>, problems: twice };
  } catch (error) {
    if (!(error instanceof YamlSyntaxError)) throw error;
    // What is never closed is told where it begins.
    const begins = error.code === 'quote' || error.code === 'flow-list' || error.code === 'flow-map';
    return unreadable(begins ? error.begun : error.offset, error.code);
  }
};

/** The keys that are none of `known`. */
export const unknownKeys = (
  { lines }: ReadMap,
  keys: readonly TopKey[],
  known: ReadonlySet<string>,
  what: string,
): CloudInitProblem[] =>
  keys
    .filter(({ name }) => name !== '<<' && !known.has(name))
    .slice(0, MAX_PROBLEMS)
    .map(({ name, offset }) => {
      const near = suggest(name, known);
      const remedy = near === undefined ? '' : `; did you mean "${near}"?`;
      return {
        kind: 'key',
        ...lines.positionOf(offset),
        message: `the key${named(name)} is none of ${what}, and is ignored${remedy}`,
      };
    });
