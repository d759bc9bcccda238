import { withCondition, withoutCondition, type ConditionContent } from '../../api/vmi/condition.js';
import type { PolicyStatus, VirtualMachinePolicy } from '../../api/schema/policies.js';
import { timestamp } from '../../api/timestamp.js';
import { boundedText, visibleText } from '../../api/visible-text.js';
import { actionOf } from '../../policies/action.js';
import type { PolicyCause, PolicyCompilation } from '../../policies/compile-policy.js';
import { isPaused, pausedUntil } from '../../policies/pause.js';

/*
 * What is written of a policy: whether it compiles, and what it does at this moment. Ready and Stalled are as tools
 * read them that know only the conventions of conditions (kstatus).
 */

export interface PolicySituation {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** The annotation of a pause for all. */
  readonly pausedUntil: string | undefined;
}

/** More would be nobody's to read, and the object has a limit. */
const MAX_ERRORS = 20;
const MAX_TEXT = 1_000;

const errorOf = ({ field, message, line, column, excerpt }: PolicyCause) => ({
  field: boundedText(field, MAX_TEXT),
  message: boundedText(message, MAX_TEXT),
  ...(line === undefined ? {} : { line }),
  ...(column === undefined ? {} : { column }),
  ...(excerpt === undefined ? {} : { excerpt: visibleText(excerpt.slice(0, MAX_TEXT)) }),
});

/** Steps that wait for an audit. */
const heldSteps = ({ spec }: VirtualMachinePolicy, now: number): readonly string[] =>
  (spec.rollout ?? [])
    .filter(({ from, maxViolations }) => maxViolations !== undefined && Date.parse(from) <= now)
    .map(({ from, action }) => `${action} of ${from}`);

const conditionsOf = (
  object: VirtualMachinePolicy,
  { causes }: PolicyCompilation,
  now: number,
): readonly ConditionContent[] => {
  const [first] = causes;
  if (first !== undefined) {
    const reason = 'ExpressionErrors';
    const more = causes.length > 1 ? ` (and ${causes.length - 1} more)` : '';
    const message = `${first.field}: ${first.message}${more}`;
    return [
      { type: 'Ready', status: 'False', reason, message },
      { type: 'Compiled', status: 'False', reason, message },
      { type: 'Stalled', status: 'True', reason, message: 'it does not compile; only a change of the policy helps' },
    ];
  }
  const held = heldSteps(object, now);
  const word = { status: 'True', reason: 'PolicyCompiled', message: 'all expressions compile' } as const;
  const message = `waits for an audit that counts few enough violations: ${held.join(', ')}`;
  return [
    { type: 'Ready', ...word },
    { type: 'Compiled', ...word },
    ...(held.length === 0 ? [] : [{ type: 'RolloutHeld', status: 'True', reason: 'NoAudit', message } as const]),
  ];
};

const OURS = ['Ready', 'Compiled', 'Stalled', 'RolloutHeld'];

/** The status of a policy, with what others wrote there. */
export const policyStatus = (
  object: VirtualMachinePolicy,
  compilation: PolicyCompilation,
  situation: PolicySituation,
): PolicyStatus => {
  const { now } = situation;
  const { policy, causes } = compilation;
  const contents = conditionsOf(object, compilation, now);
  const kept = OURS.filter((type) => !contents.some((one) => one.type === type)).reduce(
    (list, type) => withoutCondition(list, type),
    [...(object.status?.conditions ?? [])],
  );
  // Of a policy that does not compile nobody can say what it does: its failurePolicy counts.
  const others: PolicyStatus = { ...object.status };
  delete others.action;
  delete others.expressionErrors;
  return {
    ...others,
    ...(policy === undefined
      ? {}
      : { action: actionOf(policy, { ...situation, namespaceLabels: undefined, violations: undefined }) }),
    ...(causes.length === 0 ? {} : { expressionErrors: causes.slice(0, MAX_ERRORS).map(errorOf) }),
    conditions: contents.reduce((list, content) => withCondition(list, content, timestamp(now)), kept),
    observedGeneration: object.metadata?.generation ?? 0,
  };
};

const LATE_MS = 4 * 60 * 60 * 1000;

/** When the action may be another without a change of the policy; undefined: never. */
export const nextChange = (
  { spec, metadata }: VirtualMachinePolicy,
  situation: PolicySituation,
): number | undefined => {
  const { now } = situation;
  const pauses = [pausedUntil(metadata?.annotations ?? {}), situation.pausedUntil].flatMap((until) => {
    const end = Date.parse(until ?? '');
    // One that was written for too long begins to count some time.
    return isPaused(until, now) ? [end] : [end - LATE_MS];
  });
  const times = [...(spec.rollout ?? []).map(({ from }) => Date.parse(from)), ...pauses].filter((time) => time > now);
  return times.length === 0 ? undefined : Math.min(...times);
};
