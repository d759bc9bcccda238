import { MAX_INT, MAX_UINT, Uint } from '../values/values.js';
import type { LiteralValue } from './node.js';
import { SyntaxProblem } from './syntax-error.js';

/*
 * Numbers as CEL writes them: 12, 0x1F, 12u, 1.5, .5, 1e3.
 */

const NUMBER = /0[xX][0-9a-fA-F]+[uU]?|(?:[0-9]*\.[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+)|[0-9]+[uU]?/y;

export interface Read {
  readonly value: LiteralValue;
  readonly end: number;
}

/**
 * The number at `start`. One that is 2^63 is given as it is: with a minus before it, it is the smallest int, and the
 * parser knows.
 */
export const readNumber = (text: string, start: number): Read => {
  NUMBER.lastIndex = start;
  const [written = ''] = NUMBER.exec(text) ?? [];
  const end = start + written.length;
  const isHex = /^0[xX]/.test(written);
  if (!isHex && /[.eE]/.test(written)) {
    const value = Number(written);
    if (!Number.isFinite(value))
      throw new SyntaxProblem(`${written.slice(0, 40)} is larger than a double can be`, { start, end });
    return { value, end };
  }
  if (/[uU]$/.test(written)) {
    const value = BigInt(written.slice(0, -1));
    if (value > MAX_UINT)
      throw new SyntaxProblem(`${written.slice(0, 40)} is larger than a uint can be`, { start, end });
    return { value: new Uint(value), end };
  }
  const value = BigInt(written);
  if (value > MAX_INT + 1n) throw tooLarge(written, start, end);
  return { value, end };
};

export const tooLarge = (written: string, start: number, end: number): SyntaxProblem =>
  new SyntaxProblem(`${written.slice(0, 40)} is larger than an int can be (${MAX_INT})`, { start, end });
