import * as types from '../../../../src/policies/cel/check/types.js';
import type { CelType } from '../../../../src/policies/cel/check/types.js';
import { mapKey } from '../../../../src/policies/cel/values/json.js';
import { parseDuration, parseTimestamp } from '../../../../src/policies/cel/values/time.js';
import {
  Bytes,
  CelList,
  CelMap,
  TypeValue,
  Uint,
  type MapKey,
  type Value,
} from '../../../../src/policies/cel/values/values.js';

/*
 * Values and types of cel-spec's tests (the JSON of cel.expr.Value and cel.expr.Type) as ours. What is a protobuf
 * message has none.
 */

export interface SpecValue {
  readonly nullValue?: null;
  readonly boolValue?: boolean;
  readonly int64Value?: string;
  readonly uint64Value?: string;
  readonly doubleValue?: number | string;
  readonly stringValue?: string;
  readonly bytesValue?: string;
  readonly typeValue?: string;
  readonly listValue?: { readonly values?: readonly SpecValue[] };
  readonly mapValue?: { readonly entries?: readonly { readonly key: SpecValue; readonly value: SpecValue }[] };
  readonly objectValue?: { readonly '@type': string; readonly value?: string };
}

/** A value that only protobuf has. */
export class NoValue extends Error {}

const object = ({ '@type': type, value = '' }: NonNullable<SpecValue['objectValue']>): Value => {
  const found = type.endsWith('google.protobuf.Timestamp')
    ? parseTimestamp(value)
    : type.endsWith('google.protobuf.Duration')
      ? parseDuration(value)
      : undefined;
  if (found === undefined) throw new NoValue(type);
  return found;
};

export const valueOf = (value: SpecValue): Value => {
  if (value.boolValue !== undefined) return value.boolValue;
  if (value.int64Value !== undefined) return BigInt(value.int64Value);
  if (value.uint64Value !== undefined) return new Uint(BigInt(value.uint64Value));
  if (value.doubleValue !== undefined) return Number(value.doubleValue);
  if (value.stringValue !== undefined) return value.stringValue;
  if (value.bytesValue !== undefined) return new Bytes(Uint8Array.from(Buffer.from(value.bytesValue, 'base64')));
  if (value.typeValue !== undefined) return new TypeValue(value.typeValue);
  if (value.listValue !== undefined) return new CelList((value.listValue.values ?? []).map(valueOf));
  if (value.objectValue !== undefined) return object(value.objectValue);
  if (value.mapValue !== undefined) {
    const entries = new Map<MapKey, { key: Value; value: Value }>();
    for (const entry of value.mapValue.entries ?? []) {
      const key = valueOf(entry.key);
      entries.set(mapKey(key)!, { key, value: valueOf(entry.value) });
    }
    return new CelMap(entries);
  }
  if (value.nullValue === null) return null;
  throw new NoValue(JSON.stringify(value));
};

export interface SpecType {
  readonly primitive?: string;
  readonly wellKnown?: string;
  readonly wrapper?: string;
  readonly dyn?: unknown;
  readonly null?: unknown;
  readonly listType?: { readonly elemType: SpecType };
  readonly mapType?: { readonly keyType: SpecType; readonly valueType: SpecType };
  readonly messageType?: string;
  readonly abstractType?: { readonly name: string; readonly parameterTypes?: readonly SpecType[] };
  readonly type?: SpecType;
}

const PRIMITIVES: Readonly<Record<string, CelType>> = {
  BOOL: types.BOOL,
  INT64: types.INT,
  UINT64: types.UINT,
  DOUBLE: types.DOUBLE,
  STRING: types.STRING,
  BYTES: types.BYTES,
  TIMESTAMP: types.TIMESTAMP,
  DURATION: types.DURATION,
};

export const typeOf = (type: SpecType): CelType => {
  const plain = PRIMITIVES[type.primitive ?? type.wellKnown ?? ''];
  if (plain !== undefined) return plain;
  if (type.dyn !== undefined) return types.DYN;
  if ('null' in type) return types.NULL;
  if (type.wrapper !== undefined && PRIMITIVES[type.wrapper] !== undefined)
    return types.nullable(PRIMITIVES[type.wrapper]!);
  if (type.listType !== undefined) return types.listOf(typeOf(type.listType.elemType));
  if (type.mapType !== undefined) return types.mapOf(typeOf(type.mapType.keyType), typeOf(type.mapType.valueType));
  if (type.type !== undefined) return types.typeOf(typeOf(type.type));
  if (type.abstractType?.name === 'optional_type')
    return types.optionalOf(typeOf(type.abstractType.parameterTypes![0]!));
  throw new NoValue(JSON.stringify(type));
};
