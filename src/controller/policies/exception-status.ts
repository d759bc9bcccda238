import { PolicyAnnotation } from '../../api/names.js';
import type { PolicyExceptionStatus, VirtualMachinePolicyException } from '../../api/schema/policies.js';
import { boundedText } from '../../api/visible-text.js';
import { exceptionCauses, type FoundPolicy, type NamedPolicy } from '../../policies/check-exception.js';
import { readStoredException } from '../../policies/exceptions.js';
import { annotation } from '../../policies/pause.js';

/*
 * What is written of an exception: whether it counts now, and when that changes. It changes by itself with the time;
 * the evaluation asks the time, not this.
 */

const DAY_MS = 24 * 60 * 60 * 1000;
/** When who answers for it is told that it ends. */
const TOLD_DAYS = [14, 1] as const;

interface State {
  readonly status: PolicyExceptionStatus;
  /** When to look again. */
  readonly next: number | undefined;
}

interface Judged {
  readonly state: NonNullable<PolicyExceptionStatus['state']>;
  readonly message: string;
  /** Of one that can be read. */
  readonly end?: number;
}

const stateOf = function* (
  object: VirtualMachinePolicyException,
  find: (policy: NamedPolicy) => FoundPolicy,
  now: number,
): Generator<void, Judged> {
  const exception = readStoredException(object);
  if (!('spec' in exception)) return { state: 'Invalid', message: exception.map(({ message }) => message).join('; ') };
  const { expiresAt } = exception.spec;
  const end = Date.parse(expiresAt);
  if (end <= now) return { state: 'Expired', message: `ended ${expiresAt}`, end };
  const [wrong] = yield* exceptionCauses(exception, find, now);
  if (wrong !== undefined) return { state: 'Invalid', message: `${wrong.field}: ${wrong.message}`, end };
  const days = TOLD_DAYS.findLast((most) => end - now <= most * DAY_MS);
  const soon = days === undefined ? '' : `, in less than ${days === 1 ? 'a day' : `${days} days`}`;
  return { state: 'Active', message: `ends ${expiresAt}${soon}`, end };
};

/** In steps, of an expression each. */
export const exceptionStatus = function* (
  object: VirtualMachinePolicyException,
  find: (policy: NamedPolicy) => FoundPolicy,
  now: number,
): Generator<void, State> {
  const { state, message, end = 0 } = yield* stateOf(object, find, now);
  const createdBy = annotation(object.metadata?.annotations ?? {}, PolicyAnnotation.createdBy);
  const times = [...TOLD_DAYS.map((days) => end - days * DAY_MS), end].filter((time) => time > now);
  return {
    status: {
      ...(createdBy === undefined ? {} : { createdBy: boundedText(createdBy, 253) }),
      message: boundedText(message, 1_000),
      observedGeneration: object.metadata?.generation ?? 0,
      state,
    },
    next: times.length === 0 ? undefined : Math.min(...times),
  };
};

/** What is told of a change of the status; undefined: nothing. */
export const exceptionEvent = (
  before: PolicyExceptionStatus | undefined,
  after: PolicyExceptionStatus,
): { readonly type: 'Normal' | 'Warning'; readonly reason: string } | undefined => {
  if (after.state === 'Expired' && before?.state !== 'Expired') return { type: 'Warning', reason: 'ExceptionExpired' };
  if (after.state === 'Invalid' && before?.state !== 'Invalid') return { type: 'Warning', reason: 'ExceptionInvalid' };
  const isSoon = after.state === 'Active' && after.message !== before?.message;
  // Of one that was made for a day its author knows.
  return isSoon && before?.state === 'Active' && after.message?.includes(', in less than') === true
    ? { type: 'Warning', reason: 'ExceptionExpiring' }
    : undefined;
};
