/** What can be wrong with a text as YAML. `explain-error.ts` has the words for each. */
export type YamlErrorCode =
  | 'alias'
  | 'alias-of-itself'
  | 'alias-unknown'
  | 'aliases'
  | 'block-header'
  | 'control-character'
  | 'depth'
  | 'directive'
  | 'entry-not-allowed'
  | 'escape'
  | 'expected-entry'
  | 'expected-key'
  | 'flow-list'
  | 'flow-map'
  | 'key-not-allowed'
  | 'key-type'
  | 'merge'
  | 'no-colon'
  | 'no-content'
  | 'not-finite'
  | 'quote'
  | 'reserved'
  | 'tab'
  | 'tag'
  | 'tag-value'
  | 'unindented'
  | 'value-not-allowed';

/** Why a text cannot be read, and where. Never shown as it is. */
export class YamlSyntaxError extends Error {
  /**
   * @param offset of the character where reading stopped
   * @param begun where the thing that is not well begins, such as the quote that is never closed
   */
  constructor(
    readonly code: YamlErrorCode,
    readonly offset: number,
    readonly begun: number = offset,
  ) {
    super(code);
  }
}
