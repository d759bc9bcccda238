import type { SchemaNode } from '../../../api/schema-check/schema-node.js';
import { NAMED_KINDS, type NamedKind, type ScalarKind } from '../values/kinds.js';

/*
 * The types of expressions. `dyn` is what is known only when it is evaluated.
 */

export type CelType =
  | { readonly kind: 'dyn' | 'null' }
  | { readonly kind: ScalarKind | NamedKind }
  | { readonly kind: 'list'; readonly item: CelType }
  | { readonly kind: 'map'; readonly key: CelType; readonly value: CelType }
  | { readonly kind: 'optional'; readonly of: CelType }
  | { readonly kind: 'type'; readonly of: CelType }
  | { readonly kind: 'param'; readonly name: string }
  /** A value of one kind or null, as fields of a schema may be. */
  | { readonly kind: 'nullable'; readonly of: CelType }
  | { readonly kind: 'object'; readonly shape: ObjectShape };

/** The fields of a typed object. */
export interface ObjectShape {
  /** What messages call it: `request`, `VirtualMachine`. */
  readonly name: string;
  readonly field: (name: string) => ShapeField | undefined;
  readonly names: () => readonly string[];
}

export interface ShapeField {
  readonly type: CelType;
  /** Whether it is always there. */
  readonly required: boolean;
  /** What the schema says of it, where one does. */
  readonly node?: SchemaNode;
}

const plain = <K extends 'dyn' | 'null' | ScalarKind | NamedKind>(kind: K): { readonly kind: K } => ({ kind });

export const DYN = plain('dyn');
/** What could not be typed: a mistake that is told once, and of which nothing follows. */
export const FAILED: CelType = { kind: 'dyn' };
export const NULL = plain('null');
export const BOOL = plain('bool');
export const INT = plain('int');
export const UINT = plain('uint');
export const DOUBLE = plain('double');
export const STRING = plain('string');
export const BYTES = plain('bytes');
export const TIMESTAMP = plain('timestamp');
export const DURATION = plain('duration');
export const QUANTITY = plain('quantity');
export const IP = plain('ip');
export const CIDR = plain('cidr');
export const URL_TYPE = plain('url');
export const SEMVER = plain('semver');
export const FORMAT = plain('format');

export const listOf = (item: CelType): CelType => ({ kind: 'list', item });
export const mapOf = (key: CelType, value: CelType): CelType => ({ kind: 'map', key, value });
export const optionalOf = (of: CelType): CelType => ({ kind: 'optional', of });
export const typeOf = (of: CelType): CelType => ({ kind: 'type', of });
export const param = (name: string): CelType => ({ kind: 'param', name });
export const nullable = (of: CelType): CelType => (of.kind === 'dyn' ? of : { kind: 'nullable', of });
export const objectOf = (shape: ObjectShape): CelType => ({ kind: 'object', shape });

/** An object of fixed fields, all of them optional unless named. */
export const shapeOf = (
  name: string,
  fields: Readonly<Record<string, CelType>>,
  required: readonly string[] = [],
): ObjectShape => ({
  name,
  field: (field) => {
    const type = Object.hasOwn(fields, field) ? fields[field] : undefined;
    return type && { type, required: required.includes(field) };
  },
  names: () => Object.keys(fields),
});

/** The names by which expressions speak of types: `type(x) == int`. */
export const TYPE_NAMES: ReadonlyMap<string, CelType> = new Map<string, CelType>([
  ['bool', BOOL],
  ['int', INT],
  ['uint', UINT],
  ['double', DOUBLE],
  ['string', STRING],
  ['bytes', BYTES],
  ['list', listOf(DYN)],
  ['map', mapOf(DYN, DYN)],
  ['null_type', NULL],
  ['type', typeOf(DYN)],
  ['optional_type', optionalOf(DYN)],
  ...(Object.entries(NAMED_KINDS) as [NamedKind, string][]).map(([kind, name]): [string, CelType] => [
    name,
    plain(kind),
  ]),
]);

/** What the names of types with dots begin with: no path that begins otherwise is one. */
export const TYPE_HEADS: ReadonlySet<string> = new Set(
  Array.from(TYPE_NAMES.keys())
    .filter((name) => name.includes('.'))
    .map((name) => name.slice(0, name.indexOf('.'))),
);

/** As cel-go writes a type in its messages. */
export const typeText = (type: CelType): string => {
  switch (type.kind) {
    case 'list':
      return `list(${typeText(type.item)})`;
    case 'map':
      return `map(${typeText(type.key)}, ${typeText(type.value)})`;
    case 'optional':
      return `optional_type(${typeText(type.of)})`;
    case 'type':
      return `type(${typeText(type.of)})`;
    case 'param':
      return type.name;
    case 'nullable':
      return typeText(type.of);
    case 'object':
      return type.shape.name;
    default:
      return type.kind;
  }
};
