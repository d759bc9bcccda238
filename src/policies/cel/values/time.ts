import { timeZones } from '../../../api/time-zones.js';
import { DURATION_RANGE, TIME_RANGE, CelError } from './errors.js';
import { Duration, MAX_INT, MIN_INT, Timestamp } from './values.js';

/*
 * Times and durations as Go reads and prints them. A time is of the years 1 to 9999.
 */

export const SECOND = 1_000_000_000n;
const MILLION = 1_000_000n;
const MIN_SECONDS = -62_135_596_800n;
const MAX_SECONDS = 253_402_300_799n;

export const timestampOf = (nanos: bigint): Timestamp | CelError =>
  nanos < MIN_SECONDS * SECOND || nanos >= (MAX_SECONDS + 1n) * SECOND ? TIME_RANGE : new Timestamp(nanos);

export const durationOf = (nanos: bigint): Duration | CelError =>
  nanos < MIN_INT || nanos > MAX_INT ? DURATION_RANGE : new Duration(nanos);

const TIME = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:[.,](\d{1,64}))?(?:Z|([+-])(\d{2}):(\d{2}))$/;

const nanosOf = (digits = ''): bigint => BigInt(digits.slice(0, 9).padEnd(9, '0'));

/** A time of RFC 3339, or undefined. */
export const parseTimestamp = (text: string): Timestamp | undefined => {
  const match = TIME.exec(text);
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(Number);
  const [, , , , , , , fraction, sign, zoneHours = '0', zoneMinutes = '0'] = match;
  if (hour > 23 || minute > 59 || second > 59 || Number(zoneHours) > 24 || Number(zoneMinutes) > 60) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  date.setUTCHours(hour, minute, second);
  const zone = (Number(zoneHours) * 60 + Number(zoneMinutes)) * 60 * (sign === '-' ? -1 : 1);
  const seconds = BigInt(date.getTime() / 1000 - zone);
  const time = timestampOf(seconds * SECOND + nanosOf(fraction));
  return time instanceof Timestamp ? time : undefined;
};

const floorDivide = (value: bigint, by: bigint): bigint => (value - (((value % by) + by) % by)) / by;

/** A fraction of a second without the zeros at its end; empty where there is none. */
const fractionText = (nanos: bigint): string => {
  const digits = nanos.toString().padStart(9, '0').replace(/0+$/, '');
  return digits === '' ? '' : `.${digits}`;
};

export const printTimestamp = ({ nanos }: Timestamp): string => {
  const seconds = floorDivide(nanos, SECOND);
  const text = new Date(Number(seconds) * 1000).toISOString().slice(0, 19);
  return `${text}${fractionText(nanos - seconds * SECOND)}Z`;
};

const UNITS: ReadonlyMap<string, bigint> = new Map([
  ['ns', 1n],
  ['us', 1000n],
  ['µs', 1000n],
  ['μs', 1000n],
  ['ms', MILLION],
  ['s', SECOND],
  ['m', 60n * SECOND],
  ['h', 3600n * SECOND],
]);
const DURATION = /^[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/;
const DURATION_PART = /(\d*)\.?(\d*)(ns|us|µs|μs|ms|s|m|h)/g;
/** More than enough digits for any duration that fits. */
const MAX_DURATION_TEXT = 128;

/** A duration of Go ("1h30m"), or undefined. */
export const parseDuration = (text: string): Duration | undefined => {
  if (text === '0' || text === '+0' || text === '-0') return new Duration(0n);
  if (text.length > MAX_DURATION_TEXT || !DURATION.test(text)) return undefined;
  let nanos = 0n;
  for (const [, whole = '', fraction = '', unit = ''] of text.matchAll(DURATION_PART)) {
    const scale = UNITS.get(unit) ?? 0n;
    nanos += BigInt(whole === '' ? 0 : whole) * scale;
    nanos += (BigInt(fraction === '' ? 0 : fraction) * scale) / 10n ** BigInt(fraction.length);
  }
  const duration = durationOf(text.startsWith('-') ? -nanos : nanos);
  return duration instanceof Duration ? duration : undefined;
};

/** In seconds, as cel-go prints it: through a double. */
export const printDuration = ({ nanos }: Duration): string => {
  const seconds = Number(nanos / SECOND) + Number(nanos % SECOND) / 1e9;
  // JavaScript writes small numbers with an exponent.
  if (seconds === 0 || Math.abs(seconds) >= 1e-6) return `${seconds}s`;
  return `${seconds < 0 ? '-' : ''}0${fractionText(nanos < 0n ? -nanos : nanos)}s`;
};

/** The parts of a time in a zone. */
export interface CivilTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hours: number;
  readonly minutes: number;
  readonly seconds: number;
  readonly milliseconds: number;
  readonly weekday: number;
  readonly dayOfYear: number;
}

const OFFSET = /^([+-]?)(\d{1,2}):(\d{1,2})$/;
const formats = new Map<string, Intl.DateTimeFormat>();
const MAX_FORMATS = 64;

const formatOf = (zone: string): Intl.DateTimeFormat => {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  if (formats.size >= MAX_FORMATS) formats.clear();
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    era: 'short',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  formats.set(zone, format);
  return format;
};

/** The first question of a zone takes Node 20 ms and more: not while a request waits. */
export const prepareZones = (): void => {
  formatOf('UTC').formatToParts(0);
};

/** How far a zone is ahead of UTC at a time, in seconds; undefined where there is no such zone. */
const offsetAt = (zone: string, seconds: number): number | undefined => {
  if (zone === '' || zone === 'UTC') return 0;
  const match = OFFSET.exec(zone);
  if (match !== null) {
    const [, sign, hours, minutes] = match;
    return (Number(hours) * 60 + Number(minutes)) * 60 * (sign === '-' ? -1 : 1);
  }
  if (!timeZones().has(zone)) return undefined;
  const parts: { [type: string]: string } = {};
  for (const { type, value } of formatOf(zone).formatToParts(seconds * 1000)) parts[type] = value;
  const year = parts['era'] === 'BC' ? 1 - Number(parts['year']) : Number(parts['year']);
  const local = new Date(0);
  local.setUTCFullYear(year, Number(parts['month']) - 1, Number(parts['day']));
  local.setUTCHours(Number(parts['hour']), Number(parts['minute']), Number(parts['second']));
  return local.getTime() / 1000 - seconds;
};

export const civilTime = ({ nanos }: Timestamp, zone: string): CivilTime | CelError => {
  const seconds = Number(floorDivide(nanos, SECOND));
  const offset = offsetAt(zone, seconds);
  if (offset === undefined) return new CelError(`unknown time zone ${zone.slice(0, 64)}`);
  const date = new Date((seconds + offset) * 1000);
  const newYear = new Date(0);
  newYear.setUTCFullYear(date.getUTCFullYear(), 0, 1);
  const fraction = nanos - floorDivide(nanos, SECOND) * SECOND;
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth(),
    day: date.getUTCDate(),
    hours: date.getUTCHours(),
    minutes: date.getUTCMinutes(),
    seconds: date.getUTCSeconds(),
    milliseconds: Number(fraction / MILLION),
    weekday: date.getUTCDay(),
    dayOfYear: Math.floor((date.getTime() - newYear.getTime()) / 86_400_000),
  };
};
