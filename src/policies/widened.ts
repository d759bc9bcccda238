import { canonical } from './canonical.js';
import { policiesOf, type NamedPolicy } from './check-exception.js';
import type { KnownException } from './exceptions.js';

/*
 * From which policies an exception lets more off than it did: for these the author needs the verb `except`.
 */

/** Absent: all of them. */
type Validations = readonly string[] | undefined;

const isWider = (before: Validations, after: Validations): boolean => {
  if (before === undefined) return false;
  return after === undefined || after.some((name) => !before.includes(name));
};

/** @param before undefined: there was none that could be read */
export const widenedPolicies = (before: KnownException | undefined, after: KnownException): readonly NamedPolicy[] => {
  const all = policiesOf(after);
  if (before === undefined) return all;
  const later = !(Date.parse(after.spec.expiresAt) <= Date.parse(before.spec.expiresAt));
  const scope = ({ spec }: KnownException): string => canonical([spec.match, spec.conditions ?? []]);
  if (later || scope(before) !== scope(after)) return all;
  const earlier = policiesOf(before);
  return all.filter(({ kind, name }, i) => {
    const was = earlier.findIndex((one) => one.kind === kind && one.name === name);
    const old = before.spec.policies[was];
    return old === undefined || isWider(old.validations, after.spec.policies[i]?.validations);
  });
};
