import { describeValue } from '../api/schema-check/describe-value.js';
import type { PolicySpec } from '../api/schema/policies.js';
import { parseDuration } from './cel/values/time.js';
import { BadPattern, patternOf } from './cel/values/patterns.js';

/*
 * What a policy says of exceptions from it.
 */

const DEFAULT_DURATION = '720h';
/** Longer than anybody's exception; a date beyond it is none that Date can hold in every zone. */
const LONGEST_HOURS = 10 * 365 * 24;
const HOUR_MS = 3_600_000;

const millisecondsOf = (text: string): number | undefined => {
  const duration = parseDuration(text);
  return duration === undefined ? undefined : Number(duration.nanos / 1_000_000n);
};

export interface ExceptionRules {
  readonly allowed: boolean;
  readonly maxDurationMs: number;
  readonly maxDuration: string;
  readonly ticketPattern: string | undefined;
}

/** Of a policy that compiles. */
export const exceptionRulesOf = ({ exceptions = {} }: Pick<PolicySpec, 'exceptions'>): ExceptionRules => {
  const { allowed = true, maxDuration = DEFAULT_DURATION, ticketPattern } = exceptions;
  return { allowed, maxDuration, maxDurationMs: millisecondsOf(maxDuration) ?? 0, ticketPattern };
};

/** Whether a ticket is as the policy wants it. RE2's search, as `matches` in expressions. */
export const isTicket = (pattern: string, ticket: string): boolean => {
  const compiled = patternOf(pattern);
  return !(compiled instanceof BadPattern) && compiled.test(ticket);
};

/** What is wrong with them, in words that go on from the field. */
export const exceptionRuleProblems = ({
  exceptions = {},
}: PolicySpec): { readonly field: string; readonly text: string }[] => {
  const { maxDuration, ticketPattern } = exceptions;
  const found: { field: string; text: string }[] = [];
  if (maxDuration !== undefined) {
    const duration = millisecondsOf(maxDuration);
    const wrong = duration === undefined || duration <= 0 || duration > LONGEST_HOURS * HOUR_MS;
    const text = `is ${describeValue(maxDuration)}; write a duration such as ${DEFAULT_DURATION}, at most ${LONGEST_HOURS}h`;
    if (wrong) found.push({ field: 'spec.exceptions.maxDuration', text });
  }
  const pattern = ticketPattern === undefined ? undefined : patternOf(ticketPattern);
  if (pattern instanceof BadPattern) {
    const text = `is ${describeValue(ticketPattern)}, not a regular expression of RE2: ${pattern.message}`;
    found.push({ field: 'spec.exceptions.ticketPattern', text });
  }
  return found;
};
