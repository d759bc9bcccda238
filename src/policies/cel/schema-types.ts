import type { SchemaNode } from '../../api/schema-check/schema-node.js';
import {
  BOOL,
  DYN,
  INT,
  STRING,
  listOf,
  mapOf,
  nullable,
  objectOf,
  type CelType,
  type ObjectShape,
  type ShapeField,
} from './check/types.js';

/*
 * The types of our schemas. What Kubernetes takes as dyn is known here, so that a misspelt field does not compile. What
 * may be text or number, and numbers that may be whole, stay dyn.
 */

/** By the name of the kind: parts of schemas are shared. */
const types = new Map<string, WeakMap<SchemaNode, CelType>>();

const typesOf = (name: string): WeakMap<SchemaNode, CelType> => {
  const known = types.get(name) ?? new WeakMap<SchemaNode, CelType>();
  types.set(name, known);
  return known;
};

const shapeOf = (node: SchemaNode, name: string): ObjectShape => {
  const properties = node.properties ?? {};
  const required = new Set(node.required ?? []);
  const known = new Map<string, ShapeField>();
  return {
    name,
    field: (field) => {
      const earlier = known.get(field);
      const child = Object.hasOwn(properties, field) ? properties[field] : undefined;
      if (earlier !== undefined || child === undefined) return earlier;
      const found = { type: typeOfSchema(child, name), required: required.has(field), node: child };
      known.set(field, found);
      return found;
    },
    names: () => Object.keys(properties),
  };
};

const plainType = (node: SchemaNode, name: string): CelType => {
  if (node['x-kubernetes-int-or-string'] === true) return DYN;
  if (node['x-kubernetes-preserve-unknown-fields'] === true) return DYN;
  switch (node.type) {
    case 'string':
      return STRING;
    case 'boolean':
      return BOOL;
    case 'integer':
      return INT;
    case 'array':
      return listOf(typeOfSchema(node.items ?? {}, name));
    case 'object':
      if (node.properties !== undefined) return objectOf(shapeOf(node, name));
      return mapOf(
        STRING,
        node.additionalProperties === undefined ? DYN : typeOfSchema(node.additionalProperties, name),
      );
    default:
      return DYN;
  }
};

/** The type of a field; `name` is what messages call the kind. */
export const typeOfSchema = (node: SchemaNode, name: string): CelType => {
  const known = typesOf(name).get(node);
  if (known !== undefined) return known;
  const type = nullable(plainType(node, name));
  typesOf(name).set(node, type);
  return type;
};
