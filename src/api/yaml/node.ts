import type { ScalarStyle } from './token.js';

interface NodeBase {
  /** Offsets in the text. */
  readonly start: number;
  readonly end: number;
  /** As it is written, such as `!!str`. */
  readonly tag?: string;
}

export interface ScalarNode extends NodeBase {
  readonly kind: 'scalar';
  readonly text: string;
  readonly style: ScalarStyle;
}

export interface Pair {
  readonly key: YamlNode;
  readonly value: YamlNode;
}

export interface MapNode extends NodeBase {
  readonly kind: 'map';
  readonly pairs: Pair[];
}

export interface ListNode extends NodeBase {
  readonly kind: 'list';
  readonly items: YamlNode[];
}

export interface AliasNode extends NodeBase {
  readonly kind: 'alias';
  readonly target: YamlNode;
}

/** What a document is made of. */
export type YamlNode = ScalarNode | MapNode | ListNode | AliasNode;
