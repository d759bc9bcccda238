import { Quantity } from '../../../api/quantity.js';
import type { CelType } from '../check/types.js';
import * as types from '../check/types.js';
import type { Spending } from '../evaluate/spending.js';
import type { IpAddress, IpPrefix } from '../values/ip.js';
import { kindOf, type Kind } from '../values/kinds.js';
import type { Semver } from '../values/semver.js';
import type { ParsedUrl } from '../values/url.js';
import type {
  Bytes,
  CelList,
  CelMap,
  Duration,
  JsonObject,
  NamedFormat,
  Optional,
  Result,
  Timestamp,
  TypeValue,
  Uint,
  Value,
} from '../values/values.js';

/*
 * How functions are declared: their types for the checker, what they cost, and what they do. The types of a
 * declaration's parameters are the TypeScript types of its implementation.
 */

/** A parameter: its type, and what a value of it is in TypeScript. */
export interface Parameter<T> {
  readonly type: CelType;
  /** What a value must be when it is evaluated; any where there is none. */
  readonly kind: Kind | undefined;
  /** Never there; it carries the type. */
  readonly of?: T;
}

const parameter = <T>(type: CelType, kind?: Kind): Parameter<T> => ({ type, kind });

export type ListValue = readonly unknown[] | CelList;
export type MapValue = JsonObject | CelMap;

export const A = types.param('A');
export const B = types.param('B');

export const any = parameter<Value>(A);
export const dyn = parameter<Value>(types.DYN);
export const bool = parameter<boolean>(types.BOOL, 'bool');
export const int = parameter<bigint>(types.INT, 'int');
export const uint = parameter<Uint>(types.UINT, 'uint');
export const double = parameter<number>(types.DOUBLE, 'double');
export const text = parameter<string>(types.STRING, 'string');
export const bytes = parameter<Bytes>(types.BYTES, 'bytes');
export const timestamp = parameter<Timestamp>(types.TIMESTAMP, 'timestamp');
export const duration = parameter<Duration>(types.DURATION, 'duration');
export const quantity = parameter<Quantity>(types.QUANTITY, 'quantity');
export const ip = parameter<IpAddress>(types.IP, 'ip');
export const cidr = parameter<IpPrefix>(types.CIDR, 'cidr');
export const url = parameter<ParsedUrl>(types.URL_TYPE, 'url');
export const semver = parameter<Semver>(types.SEMVER, 'semver');
export const format = parameter<NamedFormat>(types.FORMAT, 'format');
export const optional = parameter<Optional>(types.optionalOf(A), 'optional');
export const type = parameter<TypeValue>(types.typeOf(A), 'type');
export const listOf = (item: CelType): Parameter<ListValue> => parameter<ListValue>(types.listOf(item), 'list');
export const mapOf = (key: CelType, value: CelType): Parameter<MapValue> =>
  parameter<MapValue>(types.mapOf(key, value), 'map');

export type Cost = (args: readonly Value[]) => number;

export interface Overload {
  readonly name: string;
  readonly member: boolean;
  readonly params: readonly CelType[];
  readonly kinds: readonly (Kind | undefined)[];
  readonly result: CelType;
  /** The minor version of Kubernetes whose environment has it first. */
  readonly since: number;
  /** Units, spent before the work. */
  readonly cost: Cost;
  readonly run: (args: readonly Value[], spending: Spending) => Result;
}

type Arguments<P extends readonly Parameter<unknown>[]> = {
  [I in keyof P]: P[I] extends Parameter<infer T> ? T : never;
};

export interface Options {
  readonly since?: number;
  readonly cost?: Cost;
}

type Run<P extends readonly Parameter<unknown>[]> = (args: Arguments<P>, spending: Spending) => Result;

const ONE: Cost = () => 1;
/** What there was before versions were counted. */
export const FIRST = 0;

const declare =
  (member: boolean) =>
  <const P extends readonly Parameter<unknown>[]>(
    name: string,
    params: P,
    result: CelType,
    run: Run<P>,
    { since = FIRST, cost = ONE }: Options = {},
  ): Overload => ({
    name,
    member,
    params: params.map((one) => one.type),
    kinds: params.map(({ kind }) => kind),
    result,
    since,
    cost,
    // Kinds are looked at before it is called.
    run: run as unknown as Overload['run'],
  });

/** `f(x, y)`. */
export const fn = declare(false);
/** `x.f(y)`: the first parameter is what stands before the dot. */
export const method = declare(true);

/** Whether values are what an overload wants. */
export const accepts = ({ kinds }: Overload, args: readonly Value[]): boolean => {
  for (let i = 0; i < kinds.length; i += 1) {
    const kind = kinds[i];
    if (kind !== undefined && kindOf(args[i] as Value) !== kind) return false;
  }
  return true;
};

/** Kubernetes' figure for each character that is looked at. */
const PER_CHARACTER = 0.1;

export const traversal = (size: number, times = 1): number => Math.ceil(size * times * PER_CHARACTER);

/** A text that is looked at so often. Its units are counted, not its code points: that would be a walk before each. */
export const textCost =
  (times = 1): Cost =>
  ([value]) =>
    traversal(typeof value === 'string' ? value.length : 1, times);

/** The traversal of one argument, a text. */
export const lengthCost = (args: readonly Value[], index: number): number => traversal((args[index] as string).length);
