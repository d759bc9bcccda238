import { Quantity } from '../../../api/quantity.js';
import { IpAddress, IpPrefix } from './ip.js';
import { Semver } from './semver.js';
import { ParsedUrl } from './url.js';
import {
  Bytes,
  CelList,
  CelMap,
  Duration,
  NamedFormat,
  Optional,
  Timestamp,
  TypeValue,
  Uint,
  type Value,
} from './values.js';

/*
 * The kind of a value, by CEL's name for its type.
 */

/** Types that have no literal; the names are cel-go's and Kubernetes'. */
export const NAMED_KINDS = {
  timestamp: 'google.protobuf.Timestamp',
  duration: 'google.protobuf.Duration',
  quantity: 'kubernetes.Quantity',
  ip: 'net.IP',
  cidr: 'net.CIDR',
  url: 'kubernetes.URL',
  semver: 'kubernetes.Semver',
  format: 'kubernetes.NamedFormat',
} as const;

export type NamedKind = keyof typeof NAMED_KINDS;
export type ScalarKind = 'bool' | 'int' | 'uint' | 'double' | 'string' | 'bytes';
export type Kind = ScalarKind | NamedKind | 'null' | 'list' | 'map' | 'type' | 'optional';

const objectKind = (value: object): Kind => {
  if (Array.isArray(value) || value instanceof CelList) return 'list';
  if (value instanceof CelMap) return 'map';
  if (value instanceof Quantity) return 'quantity';
  if (value instanceof Optional) return 'optional';
  if (value instanceof Duration) return 'duration';
  if (value instanceof Timestamp) return 'timestamp';
  if (value instanceof Uint) return 'uint';
  if (value instanceof Bytes) return 'bytes';
  if (value instanceof TypeValue) return 'type';
  if (value instanceof IpAddress) return 'ip';
  if (value instanceof IpPrefix) return 'cidr';
  if (value instanceof ParsedUrl) return 'url';
  if (value instanceof Semver) return 'semver';
  if (value instanceof NamedFormat) return 'format';
  return 'map';
};

export const kindOf = (value: Value): Kind => {
  switch (typeof value) {
    case 'string':
      return 'string';
    case 'boolean':
      return 'bool';
    case 'bigint':
      return 'int';
    case 'number':
      return 'double';
    default:
      return value === null ? 'null' : objectKind(value);
  }
};

/** Kinds that CEL calls as we do have no entry. */
const NAMES: { readonly [Name in Kind]?: string } = { ...NAMED_KINDS, null: 'null_type', optional: 'optional_type' };

/** What `type(x)` gives. */
export const typeNameOf = (value: Value): string => {
  const kind = kindOf(value);
  return NAMES[kind] ?? kind;
};
