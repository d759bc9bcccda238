import { isWithin } from '../api/cause.js';
import { isObjectMeta, type SchemaNode } from '../api/schema-check/schema-node.js';
import { isRecord } from '../api/record.js';

/*
 * An object that lacks a required field can still be read: with an empty value in its place the rules find what else is
 * wrong, and the user learns it all at once. What they say because of the empty value is left out.
 */

const emptyValue = (node: SchemaNode): unknown => {
  if (node.type === 'object') return completeObject(node, {});
  if (node.type === 'array') return [];
  if (node.type === 'boolean') return false;
  return node.type === 'string' ? '' : 0;
};

const completeObject = (node: SchemaNode, value: Readonly<Record<string, unknown>>): Record<string, unknown> => {
  const properties = node.properties ?? {};
  const complete = Object.fromEntries(
    Object.entries(value).map(([key, child]) => {
      const known = Object.hasOwn(properties, key) ? properties[key] : node.additionalProperties;
      return [key, known === undefined ? child : completed(known, child)];
    }),
  );
  for (const key of node.required ?? []) {
    const known = properties[key];
    if (complete[key] === undefined && known !== undefined) complete[key] = emptyValue(known);
  }
  return complete;
};

/** A copy of an object that fits its schema but for missing fields, with an empty value in place of each. */
export const completed = (node: SchemaNode, value: unknown): unknown => {
  const { items } = node;
  if (Array.isArray(value)) return items === undefined ? value : value.map((item) => completed(items, item));
  return isRecord(value) && !isObjectMeta(node) ? completeObject(node, value) : value;
};

/** Lists whose items belong together by name: a cause on one name may follow from another that is missing. */
const NAMED_TOGETHER = [/\.(disks|filesystems|volumes)\[\d+\]\.name$/, /\.(interfaces|networks)\[\d+\]\.name$/];

/** Whether a cause on `field` may only be there because `missing` is. */
export const followsFrom = (field: string, missing: string): boolean =>
  isWithin(field, missing) || NAMED_TOGETHER.some((names) => names.test(field) && names.test(missing));
