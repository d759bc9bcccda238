import { shortened, type Cause } from '../api/cause.js';
import { describeValue } from '../api/schema-check/describe-value.js';
import { PolicyAnnotation } from '../api/names.js';
import { timestamp } from '../api/timestamp.js';

/*
 * A pause of a policy, or of all: until its time they act as Audit. The time is compared at each evaluation, so nothing
 * has to run for a pause to end.
 */

export type Annotations = Readonly<Record<string, string>>;

/** One that ends later was not checked by us, or a clock moved: it does not count. */
const LONGEST_PAUSE = 4 * 60 * 60 * 1000;
const MAX_REASON = 500;

export const annotation = (annotations: Annotations, name: string): string | undefined =>
  Object.hasOwn(annotations, name) ? annotations[name] : undefined;

export const pausedUntil = (annotations: Annotations): string | undefined =>
  annotation(annotations, PolicyAnnotation.pausedUntil);

export const isPaused = (until: string | undefined, now: number): boolean => {
  if (until === undefined) return false;
  const end = Date.parse(until);
  return end > now && end <= now + LONGEST_PAUSE;
};

/** When the last of some pauses that are in force ends, in milliseconds since 1970. */
export const pauseEnd = (untils: readonly (string | undefined)[], now: number): number | undefined => {
  const ends = untils.flatMap((until) => (until !== undefined && isPaused(until, now) ? [Date.parse(until)] : []));
  return ends.length === 0 ? undefined : Math.max(...ends);
};

/** Of a write: a pause that begins, or lasts longer than it did. One that does not count yet is none to shorten. */
export const isNewPause = (before: Annotations, after: Annotations, now: number): boolean => {
  const [old = '', until] = [pausedUntil(before), pausedUntil(after)];
  if (until === undefined || until === old) return false;
  return !(isPaused(old, now) && Date.parse(until) <= Date.parse(old));
};

const RFC3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/;

const field = (name: string): string => `metadata.annotations[${name}]`;

const cause = (name: string, message: string): Cause => ({
  type: 'FieldValueInvalid',
  field: field(name),
  message: shortened(`${field(name)} ${message}`),
  rule: 'policy.pause',
});

/** What is wrong with the pause of an object that is written. One that was there before, and stays, is let be. */
export const pauseCauses = (before: Annotations, after: Annotations, now: number): readonly Cause[] => {
  const until = pausedUntil(after);
  const reason = annotation(after, PolicyAnnotation.pauseReason);
  const sameReason = reason === annotation(before, PolicyAnnotation.pauseReason);
  if (until === undefined || (until === pausedUntil(before) && sameReason)) return [];
  const causes: Cause[] = [];
  const end = Date.parse(until);
  const latest = timestamp(now + LONGEST_PAUSE);
  if (until !== pausedUntil(before)) {
    if (!RFC3339.test(until) || Number.isNaN(end)) {
      const example = timestamp(now + 30 * 60 * 1000);
      causes.push(cause(PolicyAnnotation.pausedUntil, `is ${describeValue(until)}; write a time such as ${example}`));
    } else if (end > now + LONGEST_PAUSE) {
      causes.push(cause(PolicyAnnotation.pausedUntil, `is ${until}; a pause lasts 4 h at most: write ${latest}`));
    } else if (end <= now) {
      const remedy = `write a time up to ${latest}, or take the annotation away to end the pause`;
      causes.push(cause(PolicyAnnotation.pausedUntil, `is ${until}, which is over; ${remedy}`));
    }
  }
  if (reason === undefined || reason.trim() === '' || reason.length > MAX_REASON) {
    const found = reason === undefined ? 'is missing' : `has ${reason.trim().length} characters`;
    causes.push(cause(PolicyAnnotation.pauseReason, `${found}; say why, in 1 to ${MAX_REASON} characters`));
  }
  return causes;
};

/**
 * The annotations as they are stored: who pauses is written by us, whatever a user writes there, and stays who it was
 * until the pause changes; with the pause go its words.
 */
export const withPauser = (before: Annotations, after: Annotations, username: string): Annotations => {
  const { pausedBy, pauseReason } = PolicyAnnotation;
  const until = pausedUntil(after);
  const others = Object.entries(after).filter(
    ([name]) => name !== pausedBy && (until !== undefined || name !== pauseReason),
  );
  if (until === undefined) return Object.fromEntries(others);
  const known = annotation(before, pausedBy);
  const same = until === pausedUntil(before) && annotation(before, pauseReason) === annotation(after, pauseReason);
  const by = same ? known : username;
  return Object.fromEntries(by === undefined ? others : [...others, [pausedBy, by]]);
};
