import { isObjectMeta, type SchemaNode } from '../../src/api/schema-check/schema-node.js';

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const properties = (node: SchemaNode, value: Readonly<Record<string, unknown>>, keepsAll: boolean) =>
  Object.fromEntries(
    Object.entries(value).flatMap(([key, child]) => {
      const known =
        node.additionalProperties ?? (Object.hasOwn(node.properties ?? {}, key) ? node.properties?.[key] : undefined);
      if (known === undefined) return keepsAll ? [[key, child]] : [];
      if (child === null && known.nullable !== true) return [];
      // Old manifests carry clock fields that were never defined (docs/reference/admission.md §3.2).
      return [[key, pruned(known, child, key === 'clock')]];
    }),
  );

/**
 * An object as an API server without strict field validation hands it on: without the fields that its
 * schema does not know, and without nulls where the schema has none.
 */
export const pruned = (node: SchemaNode, value: unknown, keepsAll = false): unknown => {
  if (isObjectMeta(node)) return value;
  const { items } = node;
  if (Array.isArray(value)) return items === undefined ? value : value.map((item) => pruned(items, item));
  if (!isRecord(value)) return value;
  return properties(node, value, keepsAll || node['x-kubernetes-preserve-unknown-fields'] === true);
};
