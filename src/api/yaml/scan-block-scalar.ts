import { isBlank, isBreak, isBreakOrEnd, isDigit, SPACE, TAB, END } from './cursor.js';
import type { Cursor } from './cursor.js';
import { YamlSyntaxError } from './syntax-error.js';

/* Texts behind `|` and `>`. Source: yaml_parser_scan_block_scalar. */

interface Header {
  readonly chomping: '' | '+' | '-';
  /** Columns more than the parent's; 0: as the first line has it. */
  readonly increment: number;
}

const takeChomping = (cursor: Cursor): Header['chomping'] => {
  if (!cursor.is('+') && !cursor.is('-')) return '';
  const chomping = cursor.is('+') ? '+' : '-';
  cursor.offset += 1;
  return chomping;
};

const readHeader = (cursor: Cursor, start: number): Header => {
  const before = takeChomping(cursor);
  let increment = 0;
  if (isDigit(cursor.code())) {
    increment = cursor.code() - 0x30;
    if (increment === 0) throw new YamlSyntaxError('block-header', cursor.offset, start);
    cursor.offset += 1;
  }
  const chomping = before === '' && increment > 0 ? takeChomping(cursor) : before;
  cursor.skipBlanks();
  cursor.skipComment();
  if (!isBreakOrEnd(cursor.code())) throw new YamlSyntaxError('block-header', cursor.offset, start);
  if (isBreak(cursor.code())) cursor.takeBreak();
  return { chomping, increment };
};

/** Empty lines, and the indentation of the first that is not. `indent` 0: to be found out. */
const skipEmptyLines = (cursor: Cursor, indent: number): { breaks: string; deepest: number } => {
  let breaks = '';
  let deepest = 0;
  for (;;) {
    while ((indent === 0 || cursor.column < indent) && cursor.code() === SPACE) cursor.offset += 1;
    deepest = Math.max(deepest, cursor.column);
    if ((indent === 0 || cursor.column < indent) && cursor.code() === TAB)
      throw new YamlSyntaxError('tab', cursor.offset);
    if (!isBreak(cursor.code())) return { breaks, deepest };
    breaks += cursor.takeBreak();
  }
};

/** @param parent column of what the text belongs to; -1 for none */
export const scanBlockScalar = (cursor: Cursor, parent: number): { value: string; end: number } => {
  const start = cursor.offset;
  const literal = cursor.is('|');
  cursor.offset += 1;
  const { chomping, increment } = readHeader(cursor, start);
  let indent = increment > 0 ? Math.max(parent, 0) + increment : 0;
  const leading = skipEmptyLines(cursor, indent);
  if (indent === 0) indent = Math.max(leading.deepest, parent + 1, 1);

  const parts: string[] = [];
  let trailing = leading.breaks;
  let lineBreak = '';
  let afterBlank = false;
  let end = cursor.offset;
  while (cursor.column === indent && cursor.code() !== END) {
    const blank = isBlank(cursor.code());
    // A folded text joins lines, but for those that are indented further.
    const folded = !literal && !afterBlank && !blank && lineBreak === '\n';
    if (!folded) parts.push(lineBreak);
    else if (trailing === '') parts.push(' ');
    parts.push(trailing);
    afterBlank = blank;
    const from = cursor.offset;
    while (!isBreakOrEnd(cursor.code())) cursor.offset += 1;
    parts.push(cursor.text.slice(from, cursor.offset));
    end = cursor.offset;
    lineBreak = cursor.code() === END ? '' : cursor.takeBreak();
    trailing = skipEmptyLines(cursor, indent).breaks;
  }
  if (chomping !== '-') parts.push(lineBreak);
  if (chomping === '+') parts.push(trailing);
  return { value: parts.join(''), end };
};
