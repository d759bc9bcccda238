import type { POLICY_ACTIONS, PolicySpec } from '../api/schema/policies.js';
import type { CompiledPolicy } from './compile-policy.js';
import { selects, type Labels } from './match.js';
import { isPaused, pausedUntil } from './pause.js';

/*
 * What a policy does about a violation, at a time: its action, a step of its rollout, another for some namespaces, a
 * pause.
 */

export type PolicyAction = (typeof POLICY_ACTIONS)[number];

/** From the strictest. */
const ORDER: readonly PolicyAction[] = ['Enforce', 'Warn', 'Audit', 'Off'];

/** Whether one refuses or tells less than another. */
export const isMilder = (one: PolicyAction, other: PolicyAction): boolean => ORDER.indexOf(one) > ORDER.indexOf(other);

/** The milder of two. */
export const milder = (one: PolicyAction, other: PolicyAction): PolicyAction => (isMilder(one, other) ? one : other);

/**
 * The last step of the rollout whose time has come wins over the action. One with `maxViolations` waits until an audit
 * has counted no more.
 */
export const stepOf = (
  spec: Pick<PolicySpec, 'action' | 'rollout'>,
  now: number,
  violations: number | undefined,
): PolicyAction => {
  let action = spec.action;
  for (const step of spec.rollout ?? []) {
    if (Date.parse(step.from) > now) break;
    const held = step.maxViolations !== undefined && (violations === undefined || violations > step.maxViolations);
    if (!held) action = step.action;
  }
  return action;
};

export interface Situation {
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly namespaceLabels: Labels | undefined;
  /** What the last audit of this generation of the policy counted. */
  readonly violations: number | undefined;
  /** The annotation of a pause for all, on the KubeVirt object. */
  readonly pausedUntil?: string | undefined;
}

export const actionOf = (
  policy: CompiledPolicy,
  { now, namespaceLabels = {}, violations, pausedUntil: all }: Situation,
): PolicyAction => {
  const override = policy.spec.actionOverrides?.find(({ namespaceSelector }) =>
    selects(namespaceSelector, namespaceLabels),
  );
  const action = override?.action ?? stepOf(policy.spec, now, violations);
  const paused = isPaused(pausedUntil(policy.annotations), now) || isPaused(all, now);
  return paused ? milder(action, 'Audit') : action;
};

/** The next step of the rollout that will refuse, as a date. */
export const enforcedFrom = ({ spec }: CompiledPolicy, now: number): string | undefined =>
  spec.rollout?.find(({ action, from }) => action === 'Enforce' && Date.parse(from) > now)?.from.slice(0, 10);
