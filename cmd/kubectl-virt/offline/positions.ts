import { isAlias, isMap, isScalar, isSeq } from 'yaml';
import type { Document, LineCounter, Node } from 'yaml';

/** Both count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** `spec.disks[0].name` and `metadata.labels[a/b.c]` to their steps. */
const pathSteps = (path: string): string[] =>
  [...path.matchAll(/\[([^\]]*)\]|([^.[\]]+)/g)].map(([, bracketed, plain]) => bracketed ?? plain ?? '');

const startOf = (node: unknown): number | undefined =>
  (node as { range?: [number, number, number] | null } | undefined)?.range?.[0];

/** One step down: the child, and where it begins in the text (its key, or the list item). */
const child = (node: Node, step: string): { node: Node | undefined; offset: number | undefined } | undefined => {
  if (isMap(node)) {
    const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === step);
    return pair === undefined
      ? undefined
      : { node: (pair.value as Node | null) ?? undefined, offset: startOf(pair.key) };
  }
  if (isSeq(node) && /^\d+$/.test(step)) {
    const item = node.items[Number(step)] as Node | undefined;
    return item === undefined ? undefined : { node: item, offset: startOf(item) };
  }
  return undefined;
};

/** Where the field of this path is in the document, or the nearest of its parents that is there. */
export const locate = (document: Document, lines: LineCounter, path: string): Position => {
  let node: Node | null | undefined = document.contents;
  let offset = startOf(node) ?? 0;
  for (const step of pathSteps(path)) {
    // What an alias stands for is written elsewhere; that is where the user must change it.
    if (isAlias(node)) node = node.resolve(document);
    const found: ReturnType<typeof child> = node ? child(node, step) : undefined;
    if (found === undefined) break;
    offset = found.offset ?? offset;
    node = found.node;
  }
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
};
