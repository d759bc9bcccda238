import type { SchemaNode } from '../../src/api/schema-check/schema-node.js';

export interface Wanted {
  /** Levels down to which every field is there that may be; below, and with 0 everywhere, only those that must be. */
  readonly whole: number;
  /** Tells one value from the next. */
  readonly index: number;
}

const scalar = (node: SchemaNode, index: number, name: string): unknown => {
  if (node.type === 'boolean') return true;
  if (node.type === 'integer' || node.type === 'number') return (node.minimum ?? 0) + 1 + (index % 1000);
  if (node.enum) return node.enum[index % node.enum.length];
  if (node.format === 'date-time') return '2026-01-01T00:00:00Z';
  if (node.pattern !== undefined) return `${index + 1}Mi`;
  return `${name.slice(0, 3).toLowerCase()}-${index}`;
};

/** A value that fits a node of a schema. `name` is the field's. */
export const valueOf = (node: SchemaNode, { whole, index }: Wanted, name = ''): unknown => {
  const below = { whole: Math.max(0, whole - 1), index };
  if (node.type === 'array') return node.items && whole > 1 ? [valueOf(node.items, below, name)] : [];
  if (node.additionalProperties !== undefined)
    return whole > 0 ? { [`key-${index}`]: valueOf(node.additionalProperties, below) } : {};
  if (node.type !== 'object') return scalar(node, index, name);
  const names = whole > 0 ? Object.keys(node.properties ?? {}) : (node.required ?? []);
  return Object.fromEntries(
    names.flatMap((key) => {
      const child = node.properties?.[key];
      return child === undefined ? [] : [[key, valueOf(child, below, key)]];
    }),
  );
};
