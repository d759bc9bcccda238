import type { PolicySpec } from '../api/schema/policies.js';
import { isMilder, type PolicyAction } from './action.js';
import type { Weakening } from './action-weakening.js';
import { builtinId, isLoosening } from './builtin.js';
import { canonical } from './canonical.js';

/*
 * Whether a change of a policy lets go of the product's own rules and warnings. What cannot be shown to be as strict
 * counts as weaker.
 */

type Entry = NonNullable<PolicySpec['builtin']>[number];

const entryOf = ({ builtin = [] }: PolicySpec, id: string): Entry | undefined =>
  builtin.find((entry) => builtinId(entry) === id);

/** Decisions that were as strict as the product or stricter, and are gone or milder. */
export const builtinWeakenings = (before: PolicySpec, after: PolicySpec): Weakening[] =>
  (before.builtin ?? []).flatMap((old): Weakening[] => {
    const id = builtinId(old);
    // What lets go is looked at below.
    if (isLoosening(old)) return [];
    const next = entryOf(after, id);
    if (next === undefined) return [{ field: 'spec.builtin', text: `no longer has ${id}` }];
    if (isLoosening(next) || !isMilder(next.action, old.action)) return [];
    const at = (after.builtin ?? []).indexOf(next);
    return [{ field: `spec.builtin[${at}].action`, text: `is ${next.action} and was ${old.action}` }];
  });

/** All that decides where and when a policy holds. */
const reachOf = ({ action, actionOverrides, rollout, match, matchConditions, params, variables }: PolicySpec): string =>
  canonical({ action, actionOverrides, rollout, match, matchConditions, params, variables });

/** Decisions that let pass or leave untold: new ones, milder ones, and those of a policy that holds elsewhere now. */
export const looseningWeakenings = (before: PolicySpec | undefined, after: PolicySpec): Weakening[] => {
  const holdsElsewhere = before === undefined || reachOf(before) !== reachOf(after);
  return (after.builtin ?? []).flatMap((entry, i): Weakening[] => {
    if (!isLoosening(entry)) return [];
    const id = builtinId(entry);
    const old = before && entryOf(before, id);
    const was: PolicyAction = old?.action ?? (entry.rule === undefined ? 'Warn' : 'Enforce');
    const field = `spec.builtin[${i}].action`;
    if (isMilder(entry.action, was)) return [{ field, text: `is ${entry.action} for ${id} and was ${was}` }];
    return holdsElsewhere ? [{ field, text: `is ${entry.action} for ${id}, and the policy holds elsewhere now` }] : [];
  });
};
