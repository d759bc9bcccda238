/*
 * Characters as YAML 1.1 has them: what ends a line is more than a line feed. kubectl reads with go-yaml's second
 * version, which is libyaml in Go; this reader follows it (source: gopkg.in/yaml.v2, scannerc.go).
 */

/** Stands behind the last character. */
export const END = -1;
export const TAB = 0x09;
export const SPACE = 0x20;
const LF = 0x0a;
const CR = 0x0d;
const NEL = 0x85;
const LINE_SEPARATOR = 0x2028;
const PARAGRAPH_SEPARATOR = 0x2029;

export const isBlank = (code: number): boolean => code === SPACE || code === TAB;
export const isBreak = (code: number): boolean =>
  code === LF || code === CR || code === NEL || code === LINE_SEPARATOR || code === PARAGRAPH_SEPARATOR;
export const isBreakOrEnd = (code: number): boolean => code === END || isBreak(code);
export const isBlankOrEnd = (code: number): boolean => isBlank(code) || isBreakOrEnd(code);
export const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39;
/** What names of anchors and tags are made of. */
export const isWord = (code: number): boolean =>
  isDigit(code) || (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a) || code === 0x5f || code === 0x2d;

/** A place in the text between two offsets, which knows its line. */
export class Cursor {
  /** Offset of the first character of the line. */
  lineStart: number;

  constructor(
    readonly text: string,
    public offset: number,
    readonly end: number,
  ) {
    this.lineStart = offset;
  }

  get column(): number {
    return this.offset - this.lineStart;
  }

  /** The character `ahead` of here. */
  code(ahead = 0): number {
    const at = this.offset + ahead;
    return at < this.end ? this.text.charCodeAt(at) : END;
  }

  is(character: string, ahead = 0): boolean {
    return this.code(ahead) === character.charCodeAt(0);
  }

  skipBlanks(): void {
    while (isBlank(this.code())) this.offset += 1;
  }

  /** To the end of the line, where a comment begins here. */
  skipComment(): void {
    if (this.is('#')) while (!isBreakOrEnd(this.code())) this.offset += 1;
  }

  /** Over one line break. @returns what it counts for in a text */
  takeBreak(): string {
    const code = this.code();
    this.offset += code === CR && this.code(1) === LF ? 2 : 1;
    this.lineStart = this.offset;
    return code === LINE_SEPARATOR || code === PARAGRAPH_SEPARATOR ? String.fromCharCode(code) : '\n';
  }

  /** `---` or `...` at the beginning of a line. */
  atDocumentMark(mark: '-' | '.'): boolean {
    return this.column === 0 && this.is(mark) && this.is(mark, 1) && this.is(mark, 2) && isBlankOrEnd(this.code(3));
  }

  atAnyDocumentMark(): boolean {
    return this.atDocumentMark('-') || this.atDocumentMark('.');
  }
}
