import { Lines } from './lines.js';
import type { Position } from './lines.js';
import type { MapNode, YamlNode } from './node.js';
import { offsetInScalar } from './scalar-place.js';
import { isMergeKey, keyText, mergedMaps, targetOf } from './plain-data.js';

/** `spec.disks[0].name` and `metadata.labels[a/b.c]` to their steps. */
const pathSteps = (path: string): string[] =>
  [...path.matchAll(/\[([^\]]*)\]|([^.[\]]+)/g)].map(([, bracketed, plain]) => bracketed ?? plain ?? '');

/** A child, and where it begins in the text: its key, or the item of the list. */
interface Child {
  readonly node: YamlNode;
  readonly offset: number;
}

/** The pair that counts: the last, be it merged in. */
const memberOf = (map: MapNode, name: string): Child | undefined => {
  for (const { key, value } of [...map.pairs].reverse()) {
    if (!isMergeKey(key)) {
      if (keyText(key) === name) return { node: value, offset: key.start };
      continue;
    }
    for (const merged of [...mergedMaps(value)].reverse()) {
      const found = memberOf(merged, name);
      if (found !== undefined) return found;
    }
  }
  return undefined;
};

const childOf = (node: YamlNode, step: string): Child | undefined => {
  // What an alias stands for is written elsewhere; that is where the user must change it.
  const target = targetOf(node);
  if (target.kind === 'map') return memberOf(target, step);
  const item = target.kind === 'list' && /^\d{1,9}$/.test(step) ? target.items[Number(step)] : undefined;
  return item === undefined ? undefined : { node: item, offset: item.start };
};

/** A document that was read: its data, and where in the text each part of it stands. */
export class YamlDocument {
  constructor(
    readonly value: unknown,
    readonly root: YamlNode,
    readonly lines: Lines,
  ) {}

  /** Where the field of this path is, or the nearest of its parents that is there. */
  positionOf(path: string): Position {
    return this.lines.positionOf(this.#walk(path).offset);
  }

  /** Where a place of the text is that is the field's value, however that is written; else where the field is. */
  positionWithin(path: string, offset: number): Position {
    const { node, whole } = this.#walk(path);
    const target = targetOf(node);
    if (!whole || target.kind !== 'scalar') return this.positionOf(path);
    return this.lines.positionOf(offsetInScalar(this.lines.text, target, offset));
  }

  /** A scalar as it is written, quotes and all; undefined where no scalar is. */
  sourceOf(path: string): string | undefined {
    const { node, whole } = this.#walk(path);
    const target = targetOf(node);
    if (!whole || target.kind !== 'scalar') return undefined;
    const source = this.lines.text.slice(target.start, target.end);
    // In front of it may stand an anchor or a tag.
    return target.style === 'plain' && source.endsWith(target.text) ? target.text : source;
  }

  #walk(path: string): Child & { whole: boolean } {
    let at: Child = { node: this.root, offset: this.root.start };
    for (const step of pathSteps(path)) {
      const child = childOf(at.node, step);
      if (child === undefined) return { ...at, whole: false };
      at = child;
    }
    return { ...at, whole: true };
  }
}
