import { Type, type TSchema } from 'typebox';

/*
 * Scalars that Kubernetes' structural schemas know and JSON Schema does not: each helper emits what the CRD needs
 * (`format`, `x-kubernetes-*`) while its static type stays what a TypeScript reader expects.
 */

/** The pattern that Kubernetes' own CRD generator gives a quantity; the API server enforces it on strings. */
export const QUANTITY_PATTERN =
  '^(\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))))?$';
/** A Kubernetes quantity as written: "1Gi", "500m", 2. Arithmetic: `../quantity.ts`. */
export const quantity = () =>
  Type.Unsafe<string | number>({ 'x-kubernetes-int-or-string': true, pattern: QUANTITY_PATTERN });
/** A port given by number or name. */
export const intOrString = () => Type.Unsafe<string | number>({ 'x-kubernetes-int-or-string': true });
export const int32 = () => Type.Integer({ format: 'int32' });
export const int64 = () => Type.Integer({ format: 'int64' });
/** An unsigned number that Kubernetes' own schemas call int32. */
export const unsigned = () => Type.Integer({ format: 'int32', minimum: 0 });
export const uint32 = () => Type.Integer({ format: 'int64', minimum: 0, maximum: 4294967295 });
/** RFC 3339 time. */
export const time = () => Type.String({ format: 'date-time' });
export const nullableTime = () => Type.Unsafe<string | null>({ type: 'string', format: 'date-time', nullable: true });
/** Go duration: "90s", "1h30m". */
export const duration = () => Type.String();
export const anyObject = () =>
  Type.Unsafe<Record<string, unknown>>({ type: 'object', 'x-kubernetes-preserve-unknown-fields': true });
/** An object that has no fields: its presence is the setting (`masquerade: {}`). */
export const emptyObject = () => Type.Unsafe<Record<string, unknown>>({ type: 'object' });
export const mapOf = <T extends TSchema>(value: T) =>
  Type.Unsafe<Record<string, Type.Static<T>>>({ type: 'object', additionalProperties: value });
export const enumOf = <const T extends readonly string[]>(values: T) =>
  Type.Unsafe<T[number]>({ type: 'string', enum: [...values] });
