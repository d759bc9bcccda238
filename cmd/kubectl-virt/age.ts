const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

/** Up to this age in these units; with the next smaller one where that still tells something. As kubectl's AGE. */
const STEPS: readonly (readonly [upTo: number, unit: readonly [number, string], rest?: readonly [number, string]])[] = [
  [2 * MINUTE, [SECOND, 's']],
  [10 * MINUTE, [MINUTE, 'm'], [SECOND, 's']],
  [3 * HOUR, [MINUTE, 'm']],
  [8 * HOUR, [HOUR, 'h'], [MINUTE, 'm']],
  [2 * DAY, [HOUR, 'h']],
  [8 * DAY, [DAY, 'd'], [HOUR, 'h']],
  [2 * YEAR, [DAY, 'd']],
  [8 * YEAR, [YEAR, 'y'], [DAY, 'd']],
];

/** How long ago, as kubectl shows it: `5s`, `3m10s`, `26h`. Undefined for what is no time. @param now milliseconds */
export const age = (time: string | undefined, now: number): string | undefined => {
  const since = time === undefined ? NaN : now - Date.parse(time);
  if (Number.isNaN(since)) return undefined;
  const passed = Math.max(0, since);
  const [, [size, unit], rest] = STEPS.find(([upTo]) => passed < upTo) ?? [0, [YEAR, 'y']];
  const first = `${Math.floor(passed / size)}${unit}`;
  if (rest === undefined) return first;
  const left = Math.floor((passed % size) / rest[0]);
  return left === 0 ? first : `${first}${left}${rest[1]}`;
};
