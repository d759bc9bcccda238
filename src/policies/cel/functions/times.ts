import { INT } from '../check/types.js';
import { civilTime, SECOND, type CivilTime } from '../values/time.js';
import { CelError } from '../values/errors.js';
import { duration, method, text, timestamp, type Overload } from './declare.js';

/*
 * The parts of times and durations. Without a zone a time is in UTC.
 */

const PARTS: Readonly<Record<string, (time: CivilTime) => number>> = {
  getFullYear: ({ year }) => year,
  getMonth: ({ month }) => month,
  getDate: ({ day }) => day,
  getDayOfMonth: ({ day }) => day - 1,
  getDayOfWeek: ({ weekday }) => weekday,
  getDayOfYear: ({ dayOfYear }) => dayOfYear,
  getHours: ({ hours }) => hours,
  getMinutes: ({ minutes }) => minutes,
  getSeconds: ({ seconds }) => seconds,
  getMilliseconds: ({ milliseconds }) => milliseconds,
};

const UNITS: Readonly<Record<string, bigint>> = {
  getHours: 3600n * SECOND,
  getMinutes: 60n * SECOND,
  getSeconds: SECOND,
  getMilliseconds: SECOND / 1000n,
};

const partIn = (part: (time: CivilTime) => number, time: CivilTime | CelError): bigint | CelError =>
  time instanceof CelError ? time : BigInt(part(time));

/** What takes a zone. */
export const TIME_PARTS: ReadonlySet<string> = new Set(Object.keys(PARTS));

export const TIME_FUNCTIONS: readonly Overload[] = [
  ...Object.entries(PARTS).flatMap(([name, part]) => [
    method(name, [timestamp], INT, ([time]) => partIn(part, civilTime(time, 'UTC'))),
    method(name, [timestamp, text], INT, ([time, zone], spending) => {
      // Thirty microseconds with the rules of a place.
      return spending.step(1200) ?? partIn(part, civilTime(time, zone));
    }),
  ]),
  ...Object.entries(UNITS).map(([name, unit]) => method(name, [duration], INT, ([{ nanos }]) => nanos / unit)),
];
