import type { YamlNode } from '../yaml/node.js';

/*
 * What PyYAML, which cloud-init reads with, refuses and kubectl's reader takes: a tab outside of quotes and of texts of
 * several lines, and a tag of nobody's. Compared with PyYAML 6.0.3 on some thousand edited texts.
 */

export interface Refused {
  readonly offset: number;
  readonly why: 'tab' | 'tag';
}

interface Seen {
  /** Of texts in which a tab may stand: in the order of the document. */
  readonly spans: { readonly start: number; readonly end: number }[];
  tag: number | undefined;
}

/** Neither of YAML's own, nor `!` alone, which says that it is a text. */
const isOfNobody = (tag = '!'): boolean => tag !== '!' && !tag.startsWith('!!') && !tag.includes('tag:yaml.org');

const walk = (node: YamlNode, seen: Seen): void => {
  if (isOfNobody(node.tag)) seen.tag ??= node.start;
  switch (node.kind) {
    case 'scalar':
      if (node.style !== 'plain') seen.spans.push(node);
      break;
    case 'list':
      for (const item of node.items) walk(item, seen);
      break;
    case 'map':
      for (const { key, value } of node.pairs) {
        walk(key, seen);
        walk(value, seen);
      }
      break;
    case 'alias':
      // Its target stands elsewhere.
      break;
  }
};

/** Whether a comment goes on at this place of a line. */
const isComment = (before: string): boolean => /(?:^|\s)#/.test(before);

/** The first such thing in a text that is YAML otherwise. */
export const refusedByPython = (text: string, root: YamlNode): Refused | undefined => {
  const seen: Seen = { spans: [], tag: undefined };
  walk(root, seen);
  const found: Refused[] = seen.tag === undefined ? [] : [{ offset: seen.tag, why: 'tag' }];
  let next = 0;
  for (let tab = text.indexOf('\t'); tab >= 0; tab = text.indexOf('\t', tab + 1)) {
    while ((seen.spans[next]?.end ?? Infinity) <= tab) next += 1;
    if ((seen.spans[next]?.start ?? Infinity) <= tab) continue;
    if (isComment(text.slice(text.lastIndexOf('\n', tab) + 1, tab))) continue;
    found.push({ offset: tab, why: 'tab' });
    break;
  }
  return found.sort((one, other) => one.offset - other.offset)[0];
};
