import type { POLICY_ACTIONS } from '../api/schema/policies.js';
import type { CompiledPolicy } from './compile-policy.js';
import { selects, type Labels } from './match.js';

/*
 * What a policy does about a violation, at a time: its action, a step of its rollout, another for some namespaces, a
 * pause.
 */

export type PolicyAction = (typeof POLICY_ACTIONS)[number];

/** From the strictest. */
const ORDER: readonly PolicyAction[] = ['Enforce', 'Warn', 'Audit', 'Off'];

/** The milder of two. */
export const milder = (one: PolicyAction, other: PolicyAction): PolicyAction =>
  ORDER.indexOf(one) > ORDER.indexOf(other) ? one : other;

const PAUSED_UNTIL = 'policies.kubectl-virt.io/paused-until';
/** A pause that ends later was not written by us, or while nobody looked: it does not count. */
const LONGEST_PAUSE = 4 * 60 * 60 * 1000;

const isPaused = ({ annotations }: CompiledPolicy, now: number): boolean => {
  const text = Object.hasOwn(annotations, PAUSED_UNTIL) ? annotations[PAUSED_UNTIL] : undefined;
  if (text === undefined) return false;
  const until = Date.parse(text);
  return until > now && until <= now + LONGEST_PAUSE;
};

/**
 * The last step of the rollout whose time has come wins over the action. One with `maxViolations` waits until an audit
 * has counted no more.
 */
const stepOf = ({ spec }: CompiledPolicy, now: number, violations: number | undefined): PolicyAction => {
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
}

export const actionOf = (
  policy: CompiledPolicy,
  { now, namespaceLabels = {}, violations }: Situation,
): PolicyAction => {
  const override = policy.spec.actionOverrides?.find(({ namespaceSelector }) =>
    selects(namespaceSelector, namespaceLabels),
  );
  const action = override?.action ?? stepOf(policy, now, violations);
  return isPaused(policy, now) ? milder(action, 'Audit') : action;
};

/** The next step of the rollout that will refuse, as a date. */
export const enforcedFrom = ({ spec }: CompiledPolicy, now: number): string | undefined =>
  spec.rollout?.find(({ action, from }) => action === 'Enforce' && Date.parse(from) > now)?.from.slice(0, 10);
