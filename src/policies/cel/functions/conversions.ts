import { BOOL, BYTES, DOUBLE, DURATION, DYN, INT, STRING, TIMESTAMP, UINT, typeOf } from '../check/types.js';
import { CelError, noConversion } from '../values/errors.js';
import { sizeOfList, sizeOfMap } from '../values/json.js';
import { typeNameOf } from '../values/kinds.js';
import {
  doubleToInt,
  doubleToUint,
  intOf,
  parseBool,
  parseDouble,
  parseInt64,
  parseUint64,
  printDouble,
  uintOf,
} from '../values/numbers.js';
import { lengthOf } from '../values/text.js';
import { SECOND, parseDuration, parseTimestamp, printDuration, printTimestamp, timestampOf } from '../values/time.js';
import { Bytes, Duration, TypeValue, type Result } from '../values/values.js';
import {
  A,
  B,
  any,
  bool,
  bytes,
  cidr,
  double,
  duration,
  fn,
  int,
  ip,
  listOf,
  mapOf,
  method,
  text,
  timestamp,
  traversal,
  uint,
  type Overload,
} from './declare.js';

/*
 * From one type to another, and the sizes of things.
 */

/** What cel-go evaluates when an expression is compiled, where the argument is constant. */
export const CONVERSIONS: ReadonlySet<string> = new Set(
  'bool bytes double duration dyn int string timestamp uint'.split(' '),
);

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

const decode = ({ bytes: raw }: Bytes): Result => {
  try {
    return decoder.decode(raw);
  } catch {
    // The one way to learn it.
    return new CelError('invalid UTF-8 in bytes, cannot convert to string');
  }
};

const toTimestamp = (written: string): Result => parseTimestamp(written) ?? noConversion('google.protobuf.Timestamp');
const toDuration = (written: string): Result => parseDuration(written) ?? noConversion('google.protobuf.Duration');

const floorSeconds = (nanos: bigint): bigint => (nanos - (((nanos % SECOND) + SECOND) % SECOND)) / SECOND;

/** Measured: reading a time or a duration. */
const READ_STEPS = 80;

const list = listOf(A);
const map = mapOf(A, B);

const sizes = (declare: typeof fn): Overload[] => [
  declare('size', [text], INT, ([s], spending) => spending.walk(s) ?? BigInt(lengthOf(s))),
  declare('size', [bytes], INT, ([b]) => BigInt(b.bytes.length)),
  declare('size', [list], INT, ([items]) => BigInt(sizeOfList(items))),
  declare('size', [map], INT, ([members], spending) => BigInt(sizeOfMap(members, spending))),
];

export const CONVERSION_FUNCTIONS: readonly Overload[] = [
  ...sizes(fn),
  ...sizes(method),
  fn('bool', [bool], BOOL, ([x]) => x),
  fn('bool', [text], BOOL, ([x]) => parseBool(x)),
  fn('bytes', [bytes], BYTES, ([x]) => x),
  fn('bytes', [text], BYTES, ([x]) => new Bytes(encoder.encode(x)), {
    cost: ([x]) => traversal((x as string).length),
  }),
  fn('double', [double], DOUBLE, ([x]) => x),
  fn('double', [int], DOUBLE, ([x]) => Number(x)),
  fn('double', [uint], DOUBLE, ([x]) => Number(x.value)),
  fn('double', [text], DOUBLE, ([x], spending) => spending.step(20) ?? parseDouble(x)),
  fn('dyn', [any], DYN, ([x]) => x),
  fn('int', [int], INT, ([x]) => x),
  fn('int', [uint], INT, ([x]) => intOf(x.value)),
  fn('int', [double], INT, ([x]) => doubleToInt(x)),
  fn('int', [text], INT, ([x]) => parseInt64(x)),
  fn('int', [timestamp], INT, ([x]) => floorSeconds(x.nanos)),
  fn('int', [duration], INT, ([x]) => x.nanos),
  fn('uint', [uint], UINT, ([x]) => x),
  fn('uint', [int], UINT, ([x]) => uintOf(x)),
  fn('uint', [double], UINT, ([x]) => doubleToUint(x)),
  fn('uint', [text], UINT, ([x]) => parseUint64(x)),
  fn('string', [text], STRING, ([x]) => x),
  fn('string', [bool], STRING, ([x]) => String(x)),
  fn('string', [int], STRING, ([x]) => x.toString()),
  fn('string', [uint], STRING, ([x]) => x.value.toString()),
  fn('string', [double], STRING, ([x]) => printDouble(x)),
  fn('string', [bytes], STRING, ([x]) => decode(x), { cost: ([x]) => traversal((x as Bytes).bytes.length) }),
  fn('string', [timestamp], STRING, ([x]) => printTimestamp(x)),
  fn('string', [duration], STRING, ([x]) => printDuration(x)),
  fn('string', [ip], STRING, ([x]) => x.toString(), { since: 30 }),
  fn('string', [cidr], STRING, ([x]) => x.toString(), { since: 30 }),
  fn('timestamp', [timestamp], TIMESTAMP, ([x]) => x),
  fn('timestamp', [text], TIMESTAMP, ([x], spending) => spending.step(READ_STEPS) ?? toTimestamp(x)),
  fn('timestamp', [int], TIMESTAMP, ([x]) => timestampOf(x * SECOND)),
  fn('duration', [duration], DURATION, ([x]) => x),
  fn('duration', [text], DURATION, ([x], spending) => spending.step(READ_STEPS) ?? toDuration(x)),
  // Of nanoseconds, as cel-go has it.
  fn('duration', [int], DURATION, ([x]) => new Duration(x)),
  fn('type', [any], typeOf(A), ([x]) => new TypeValue(typeNameOf(x))),
];
