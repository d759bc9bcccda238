import type { PolicySpec } from '../api/schema/policies.js';
import { isMilder, stepOf, type PolicyAction } from './action.js';
import { canonical } from './canonical.js';

/*
 * Whether a policy will ever do less than it would have: at any time from now on, in any namespace, whatever an audit
 * counts.
 */

export interface Weakening {
  /** True JSON path. */
  readonly field: string;
  /** What it lets go, in words that go on from the field. */
  readonly text: string;
}

type Spec = Pick<PolicySpec, 'action' | 'actionOverrides' | 'rollout'>;

/** A time and a count of violations. */
interface Case {
  readonly at: number;
  readonly violations: number | undefined;
}

/** Between two steps, and between two limits, nothing changes: one case of each is enough. */
const casesOf = (specs: readonly Spec[], now: number): readonly Case[] => {
  const steps = specs.flatMap(({ rollout = [] }) => rollout);
  const times = [now, ...steps.map(({ from }) => Date.parse(from)).filter((time) => time > now)];
  const limits = steps.flatMap(({ maxViolations }) => (maxViolations === undefined ? [] : [maxViolations]));
  const counts = [undefined, 0, ...limits, ...limits.map((limit) => limit + 1)];
  return [...new Set(times)].flatMap((at) => [...new Set(counts)].map((violations) => ({ at, violations })));
};

/** What decides for some namespaces; the last, without a selector, for those that no other does. */
interface Branch {
  readonly selector: string | undefined;
  readonly index: number;
  readonly actions: readonly PolicyAction[];
}

const branchesOf = (spec: Spec, cases: readonly Case[]): readonly Branch[] => [
  ...(spec.actionOverrides ?? []).map(({ namespaceSelector, action }, index) => ({
    selector: canonical(namespaceSelector),
    index,
    actions: cases.map(() => action),
  })),
  {
    selector: undefined,
    index: -1,
    actions: cases.map(({ at, violations }) => stepOf(spec, at, violations)),
  },
];

const EVERYTHING = new Set([canonical({}), canonical({ matchLabels: {} }), canonical({ matchExpressions: [] })]);

/** The selectors that must not fit for a branch to be reached. */
const before = (branches: readonly Branch[], branch: Branch): ReadonlySet<string> =>
  new Set(branches.slice(0, branches.indexOf(branch)).flatMap(({ selector }) => selector ?? []));

const isReached = (own: Branch, not: ReadonlySet<string>): boolean =>
  ![...not].some((selector) => EVERYTHING.has(selector)) && (own.selector === undefined || !not.has(own.selector));

/**
 * Each pair of branches that one namespace can come to, before and after. Selectors are taken as if any could fit
 * together, which at worst asks for a right too many.
 */
export const actionWeakenings = (old: Spec, next: Spec, now: number): readonly Weakening[] => {
  const cases = casesOf([old, next], now);
  const [earlier, later] = [branchesOf(old, cases), branchesOf(next, cases)];
  const found = new Map<string, Weakening>();
  for (const was of earlier) {
    for (const is of later) {
      const not = new Set([...before(earlier, was), ...before(later, is)]);
      if (!isReached(was, not) || !isReached(is, not)) continue;
      const at = cases.findIndex((_, i) => isMilder(is.actions[i] ?? 'Off', was.actions[i] ?? 'Off'));
      if (at < 0) continue;
      const field = fieldOf(is, next, cases[at]);
      const text = `is ${is.actions[at] ?? 'Off'} and was ${was.actions[at] ?? 'Off'}${when(cases[at], now)}`;
      if (!found.has(field)) found.set(field, { field, text });
    }
  }
  return [...found.values()];
};

const fieldOf = ({ index }: Branch, { rollout = [] }: Spec, at: Case | undefined): string => {
  if (index >= 0) return `spec.actionOverrides[${index}].action`;
  const isStepped = rollout.some(({ from }) => Date.parse(from) <= (at?.at ?? 0));
  return isStepped ? 'spec.rollout' : 'spec.action';
};

const when = (found: Case | undefined, now: number): string =>
  found === undefined || found.at <= now ? '' : ` from ${new Date(found.at).toISOString().slice(0, 10)}`;
