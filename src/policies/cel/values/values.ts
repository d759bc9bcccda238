import type { Quantity } from '../../../api/quantity.js';
import type { CelError } from './errors.js';
import type { IpAddress, IpPrefix } from './ip.js';
import type { ParsedUrl } from './url.js';
import type { Semver } from './semver.js';

/*
 * What expressions compute with. What comes from JSON stays as it is (no copy for each request): its lists and objects
 * are JavaScript's, its numbers are read when they are selected (json.ts). What an expression makes itself is a CelList
 * or CelMap, so that a JavaScript number in it is always a double.
 */

export const MAX_INT = 2n ** 63n - 1n;
export const MIN_INT = -(2n ** 63n);
export const MAX_UINT = 2n ** 64n - 1n;

export class Uint {
  constructor(readonly value: bigint) {}
}

export class Bytes {
  constructor(readonly bytes: Uint8Array) {}
}

/** Nanoseconds since 1970. */
export class Timestamp {
  constructor(readonly nanos: bigint) {}
}

export class Duration {
  constructor(readonly nanos: bigint) {}
}

export class TypeValue {
  constructor(readonly name: string) {}
}

export class Optional {
  static readonly none = new Optional(undefined);
  constructor(readonly value: Value | undefined) {}
}

/** A check of a text by Kubernetes' name for it. */
export class NamedFormat {
  constructor(
    readonly name: string,
    /** Kubernetes' figure for what a check costs. */
    readonly patternSize: number,
    /** What is wrong with a text; nothing where it is right. */
    readonly problems: (text: string) => readonly string[],
  ) {}
}

/** A list that an expression made. */
export class CelList {
  constructor(readonly items: readonly Value[]) {}
}

/** Keys that are equal are one: 1, 1u and 1.0 are. */
export type MapKey = string | boolean | bigint;

/** A map that an expression made. */
export class CelMap {
  constructor(readonly entries: ReadonlyMap<MapKey, { readonly key: Value; readonly value: Value }>) {}
}

/** An object or list of JSON, unread. */
export type JsonObject = Readonly<Record<string, unknown>>;

export type Scalar = null | boolean | bigint | number | string;

export type Value =
  | Scalar
  | Uint
  | Bytes
  | Timestamp
  | Duration
  | TypeValue
  | Optional
  | NamedFormat
  | Quantity
  | IpAddress
  | IpPrefix
  | ParsedUrl
  | Semver
  | CelList
  | CelMap
  | JsonObject
  | readonly unknown[];

/** What an evaluation gives: errors are values, as exceptions cost sixteen times as much. */
export type Result = Value | CelError;
