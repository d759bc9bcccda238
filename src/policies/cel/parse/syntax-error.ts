import type { Span } from './node.js';

/** A text that is no expression. Thrown inside the parser only; who parses gets it as a value. */
export class SyntaxProblem extends Error {
  override readonly name = 'SyntaxProblem';
  constructor(
    message: string,
    readonly span: Span,
  ) {
    super(message);
  }
}
