import { RE2JS, RE2JSException } from 're2js';
import { TEXT_LIMITS } from '../limits.js';

/*
 * Regular expressions of RE2, which Kubernetes has: linear in the text. What is linear may still be long: a pattern of
 * eighteen characters can have two thousand states. So a pattern is measured before it is compiled.
 */

export class Pattern {
  constructor(
    /** How many states it has, about. */
    readonly states: number,
    private readonly compiled: RE2JS,
  ) {}

  /** Whether it is anywhere in a text. */
  test(text: string): boolean {
    return this.compiled.test(text);
  }

  /** What it finds, at most `limit` times; overlapping never. */
  find(text: string, limit: number): string[] {
    const matcher = this.compiled.matcher(text);
    const found: string[] = [];
    while (found.length < limit && matcher.find()) found.push(matcher.group() ?? '');
    return found;
  }
}

/** A pattern that is none, and why. */
export class BadPattern {
  constructor(readonly message: string) {}
}

const MAX_STATES = 4000;
const REPEAT = /\{(\d{1,4})(?:,(\d{0,4}))?\}/y;

/** Skips a class such as `[^]a-z]`, from its bracket. */
const afterClass = (pattern: string, from: number): number => {
  let at = from + 1;
  if (pattern[at] === '^') at += 1;
  if (pattern[at] === ']') at += 1;
  while (at < pattern.length && pattern[at] !== ']') {
    if (pattern[at] === '\\') at += 1;
    else if (pattern.startsWith('[:', at)) at = Math.max(at, pattern.indexOf(':]', at) + 1);
    at += 1;
  }
  return at + 1;
};

/** About how many states a pattern has, without compiling it: repetitions multiply what they repeat. */
export const statesOf = (pattern: string): number => {
  const outer: number[] = [];
  let sum = 1;
  let last = 0;
  let at = 0;
  while (at < pattern.length) {
    const character = pattern[at];
    if (character === '(') {
      outer.push(sum);
      sum = 2;
      last = 0;
      at += 1;
    } else if (character === ')') {
      last = sum;
      sum += outer.pop() ?? 0;
      at += 1;
    } else if (character === '{' && startsRepeat(pattern, at)) {
      REPEAT.lastIndex = at;
      const [all = '{', low = '1', high] = REPEAT.exec(pattern) ?? [];
      const times = Math.max(Number(low), high === undefined || high === '' ? Number(low) + 1 : Number(high), 1);
      // Each optional repetition is a branch more.
      sum += last * (times - 1) + (times > Number(low) ? times : 0);
      last *= times;
      at += all.length;
    } else {
      if (character === '[') at = afterClass(pattern, at);
      else at += character === '\\' ? 2 : 1;
      last = 1;
      sum += 1;
    }
    if (sum > 1e9) return sum;
  }
  return sum + outer.reduce((all, one) => all + one, 0);
};

const startsRepeat = (pattern: string, at: number): boolean => {
  REPEAT.lastIndex = at;
  return REPEAT.test(pattern);
};

/** Compiled and refused patterns, the least recently used first. */
const known = new Map<string, Pattern | BadPattern>();
const MAX_KNOWN = 256;

/** How many patterns are kept: for the test that they are bounded. */
export const knownPatterns = (): number => known.size;

const compile = (text: string): Pattern | BadPattern => {
  if (text.length > TEXT_LIMITS.pattern) {
    return new BadPattern(`the pattern has ${text.length} characters; at most ${TEXT_LIMITS.pattern} are allowed`);
  }
  const states = statesOf(text);
  if (states > MAX_STATES) {
    return new BadPattern(`the pattern has about ${states} states; at most ${MAX_STATES} are allowed: repeat less`);
  }
  try {
    return new Pattern(states, RE2JS.compile(text));
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    return new BadPattern(error.message.slice(0, 200));
  }
};

export const patternOf = (text: string): Pattern | BadPattern => {
  const earlier = known.get(text);
  if (earlier !== undefined) {
    // While there is room, nobody asks for the order.
    if (known.size > MAX_KNOWN / 2) {
      known.delete(text);
      known.set(text, earlier);
    }
    return earlier;
  }
  if (known.size >= MAX_KNOWN) {
    for (const [oldest] of known) {
      known.delete(oldest);
      break;
    }
  }
  const compiled = compile(text);
  known.set(text, compiled);
  return compiled;
};
