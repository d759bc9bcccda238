import type { MapNode, ScalarNode, YamlNode } from './node.js';
import { resolvePlain, resolveScalar } from './resolve-scalar.js';
import { YamlSyntaxError } from './syntax-error.js';

/*
 * Nodes to plain data, as sigs.k8s.io/yaml makes JSON of YAML: keys become texts, merges are carried out, aliases
 * written out.
 */

/**
 * Nodes that aliases may stand for, in all. go-yaml allows 400,000; with a hundredth of that all manifests of a cluster
 * can be written.
 */
const MAX_ALIASED = 50_000;

/** A key that the same map has twice. The last counts. */
export interface RepeatedKey {
  readonly key: string;
  readonly first: number;
  readonly again: number;
  /** Another key of that map was merged in after it was written, and counts instead. */
  readonly merged: boolean;
}

export const isMergeKey = (key: YamlNode): key is ScalarNode =>
  key.kind === 'scalar' &&
  key.text === '<<' &&
  key.style === 'plain' &&
  (key.tag === undefined || key.tag === '!!merge');

export const targetOf = (node: YamlNode): YamlNode => (node.kind === 'alias' ? targetOf(node.target) : node);

/** Go's shortest form of a 32-bit float, in which sigs.k8s.io/yaml writes keys. */
const floatKey = (value: number): string => {
  const single = Math.fround(value);
  let text = single.toExponential(8);
  for (let digits = 0; digits < 8 && Math.fround(Number(text)) === single; digits += 1) {
    text = single.toExponential(digits);
    if (Math.fround(Number(text)) === single) break;
    text = single.toExponential(8);
  }
  const [mantissa = '', exponent = '0'] = text.split('e');
  const power = Number(exponent);
  if (power >= -4 && power < 6) return String(Number(text));
  return `${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
};

/** A key as JSON has it. @throws YamlSyntaxError for what can be none */
export const keyText = (node: YamlNode): string => {
  const target = targetOf(node);
  if (target.kind !== 'scalar') throw new YamlSyntaxError('key-type', node.start);
  // JSON has no number for it, but a text.
  if (target.tag === undefined && target.style === 'plain' && resolvePlain(target.text).type === 'not-finite') {
    return target.text.toLowerCase().replace('+', '');
  }
  const { type, value } = resolveScalar(target);
  if (type === 'null') throw new YamlSyntaxError('key-type', node.start);
  return type === 'float' ? floatKey(Number(value)) : String(value);
};

/** The maps that are merged into one, in the order in which they are written over each other. */
export const mergedMaps = (node: YamlNode): readonly MapNode[] => {
  const refuse = (): never => {
    throw new YamlSyntaxError('merge', node.start);
  };
  const mapOf = (each: YamlNode): MapNode => {
    const target = targetOf(each);
    return target.kind === 'map' ? target : refuse();
  };
  if (node.kind === 'list') return node.items.map(mapOf).reverse();
  return [mapOf(node)];
};

class Converter {
  readonly repeated: RepeatedKey[] = [];
  /** Maps that are looked through for keys that are written twice, once each. */
  readonly #seen = new Set<MapNode>();
  /** What is being written out, in which nothing may name itself. */
  readonly #open = new Set<YamlNode>();
  #aliased = 0;
  #aliasDepth = 0;

  convert(node: YamlNode): unknown {
    if (this.#aliasDepth > 0) this.#count(node.start);
    if (node.kind === 'alias') return this.#alias(node.target, node.start, () => this.convert(node.target));
    if (node.kind === 'scalar') return resolveScalar(node).value;
    return this.#within(node, node.start, () =>
      node.kind === 'list' ? node.items.map((item) => this.convert(item)) : Object.fromEntries(this.#map(node)),
    );
  }

  #count(at: number): void {
    this.#aliased += 1;
    if (this.#aliased > MAX_ALIASED) throw new YamlSyntaxError('aliases', at);
  }

  #alias<T>(target: YamlNode, at: number, work: () => T): T {
    if (this.#open.has(target)) throw new YamlSyntaxError('alias-of-itself', at);
    this.#count(at);
    this.#aliasDepth += 1;
    const result = work();
    this.#aliasDepth -= 1;
    return result;
  }

  #within<T>(node: YamlNode, at: number, work: () => T): T {
    if (this.#open.has(node)) throw new YamlSyntaxError('alias-of-itself', at);
    this.#open.add(node);
    const result = work();
    this.#open.delete(node);
    return result;
  }

  #map(node: MapNode): Map<string, unknown> {
    const entries = new Map<string, unknown>();
    const written = new Map<string, number>();
    const first = !this.#seen.has(node);
    this.#seen.add(node);
    for (const { key, value } of node.pairs) {
      if (isMergeKey(key)) {
        for (const map of mergedMaps(value)) {
          // As kubectl has it: a merge replaces what was written before it.
          for (const [name, merged] of this.#merged(map, key.start)) {
            const before = written.get(name);
            if (first && before !== undefined) {
              this.repeated.push({ key: name, first: before, again: key.start, merged: true });
            }
            entries.set(name, merged);
          }
        }
        continue;
      }
      const name = keyText(key);
      const before = written.get(name);
      if (first && before !== undefined) {
        const target = targetOf(key);
        // As it is written: "n" is the key "false" to kubectl.
        const shown = target.kind === 'scalar' ? target.text : name;
        this.repeated.push({ key: shown, first: before, again: key.start, merged: false });
      }
      // The first place stays the first however often the key comes again.
      if (before === undefined) written.set(name, key.start);
      entries.set(name, this.convert(value));
    }
    return entries;
  }

  #merged(map: MapNode, at: number): Map<string, unknown> {
    return this.#alias(map, at, () => this.#within(map, at, () => this.#map(map)));
  }
}

/** The data of a document, and the keys that it has twice. @throws YamlSyntaxError */
export const toPlainData = (root: YamlNode): { value: unknown; repeated: readonly RepeatedKey[] } => {
  const converter = new Converter();
  const value = converter.convert(root);
  return { value, repeated: converter.repeated };
};
