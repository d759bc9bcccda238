import type { Span } from './parse/node.js';

/*
 * Where in a text a problem is, as people read it.
 */

export interface Position {
  /** From 1. */
  readonly line: number;
  /** From 1, in characters. */
  readonly column: number;
}

export const positionOf = (text: string, { start }: Span): Position => {
  const before = text.slice(0, start).split('\n');
  return { line: before.length, column: Array.from(before.at(-1) ?? '').length + 1 };
};

/** What of a long line is shown: enough to find the place. */
const SHOWN = 100;

/** The line, and under it a caret with tildes at the place. */
export const excerptOf = (text: string, span: Span): string => {
  const start = text.lastIndexOf('\n', span.start - 1) + 1;
  const newline = text.indexOf('\n', span.start);
  const line = text.slice(start, newline < 0 ? undefined : newline).replace(/\t/g, ' ');
  const at = span.start - start;
  const from = Math.max(0, at - SHOWN / 2);
  const part = line.slice(from, from + SHOWN);
  const length = Math.max(1, Math.min(span.end - span.start, part.length - (at - from)));
  return `${part}\n${' '.repeat(at - from)}^${'~'.repeat(length - 1)}`;
};
