/** What a scalar looks like in the text. Only a plain one may be a number, true or null. */
export type ScalarStyle = 'plain' | 'quoted' | 'block';

type Structure =
  | 'block-end'
  | 'block-list-start'
  | 'block-map-start'
  | 'directive'
  | 'document-end'
  | 'document-start'
  | 'entry'
  | 'flow-entry'
  | 'flow-list-end'
  | 'flow-list-start'
  | 'flow-map-end'
  | 'flow-map-start'
  | 'key'
  | 'stream-end'
  | 'value';

interface Place {
  readonly start: number;
  readonly end: number;
}

export type Token =
  | (Place & { readonly type: Structure })
  | (Place & { readonly type: 'alias' | 'anchor' | 'tag'; readonly value: string })
  | (Place & { readonly type: 'scalar'; readonly value: string; readonly style: ScalarStyle });

export type TokenType = Token['type'];

export type FlowMark = 'flow-list-start' | 'flow-map-start' | 'flow-list-end' | 'flow-map-end';
export const FLOW_MARKS: ReadonlyMap<string, FlowMark> = new Map([
  ['[', 'flow-list-start'],
  ['{', 'flow-map-start'],
  [']', 'flow-list-end'],
  ['}', 'flow-map-end'],
]);

/** What is read of a text, and whether by JSON's rules where they differ. */
export interface ScanRange {
  readonly from: number;
  readonly to: number;
  readonly json: boolean;
}
