import { BOOL, INT, SEMVER } from '../check/types.js';
import { CelError } from '../values/errors.js';
import { intOf } from '../values/numbers.js';
import { normalizedVersion, parseSemver, type Semver } from '../values/semver.js';
import { bool, fn, method, semver, text, textCost, type Overload } from './declare.js';

/*
 * Semantic versions.
 */

const since = 33;
const cost = textCost();
/** Measured: reading a version. */
const READ_STEPS = 120;

const read = (written: string, normalize: boolean): Semver | CelError =>
  parseSemver(normalize ? normalizedVersion(written) : written) ??
  new CelError(`cannot read ${JSON.stringify(written.slice(0, 64))} as a semantic version`);

const isVersion = (written: string, normalize: boolean): boolean => !(read(written, normalize) instanceof CelError);

export const VERSION_FUNCTIONS: readonly Overload[] = [
  fn('semver', [text], SEMVER, ([s], spending) => spending.step(READ_STEPS) ?? read(s, false), { since, cost }),
  fn('semver', [text, bool], SEMVER, ([s, normalize], spending) => spending.step(READ_STEPS) ?? read(s, normalize), {
    since,
    cost,
  }),
  fn('isSemver', [text], BOOL, ([s], spending) => spending.step(READ_STEPS) ?? isVersion(s, false), { since, cost }),
  fn(
    'isSemver',
    [text, bool],
    BOOL,
    ([s, normalize], spending) => spending.step(READ_STEPS) ?? isVersion(s, normalize),
    { since, cost },
  ),
  method('isGreaterThan', [semver, semver], BOOL, ([v, other]) => v.compare(other) > 0, { since }),
  method('isLessThan', [semver, semver], BOOL, ([v, other]) => v.compare(other) < 0, { since }),
  method('compareTo', [semver, semver], INT, ([v, other]) => BigInt(v.compare(other)), { since }),
  method('major', [semver], INT, ([v]) => intOf(v.major), { since }),
  method('minor', [semver], INT, ([v]) => intOf(v.minor), { since }),
  method('patch', [semver], INT, ([v]) => intOf(v.patch), { since }),
];
