import type { SchemaNode } from './schema-node.js';
import { visibleJson } from '../visible-text.js';

/** Values and types in words, for messages. */

const MAX_SHOWN = 64;

/** A value as a message shows it: JSON, shortened; objects and lists only by their kind. */
export const describeValue = (value: unknown): string => {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  // The beginning is all that is shown; half a megabyte need not be written out for it.
  const shown = typeof value === 'string' && value.length > MAX_SHOWN ? value.slice(0, MAX_SHOWN) : value;
  const text = typeof shown === 'bigint' ? `${shown}` : (JSON.stringify(shown) as string | undefined);
  if (text === undefined) return typeof value;
  return visibleJson(text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text);
};

const scalarWanted = (node: SchemaNode): string => {
  if (node['x-kubernetes-int-or-string'] === true) {
    return node.pattern === undefined ? 'a whole number or a text' : 'a quantity such as "1Gi" or "500m"';
  }
  if (node.enum !== undefined) return `one of ${node.enum.join(', ')}`;
  if (node.type === 'integer') return 'a whole number';
  if (node.type === 'boolean') return 'true or false';
  return node.type === 'number' ? 'a number' : 'a text';
};

const wanted = (node: SchemaNode): string => {
  if (node.type === 'array') return 'a list';
  return node.type === 'object' ? 'an object' : scalarWanted(node);
};

const isScalar = (value: unknown): boolean => typeof value !== 'object' || value === null;

/** The first name of items that were written as members, by their names: "disks: {root: {…}}". */
const namedItem = ({ properties = {} }: SchemaNode, value: unknown): string | undefined => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const members = Object.entries(value);
  const [first] = members;
  const areItems = members.every(([name, item]) => !Object.hasOwn(properties, name) && !isScalar(item));
  return first !== undefined && areItems && Object.hasOwn(properties, 'name')
    ? first[0].slice(0, MAX_SHOWN)
    : undefined;
};

/** One item that was written where the list belongs. */
const listCorrection = ({ items = {} }: SchemaNode, value: unknown): string | undefined => {
  if (value === null) return undefined;
  const first = namedItem(items, value);
  if (first !== undefined) return `write "- name: ${visibleJson(first)}" in place of "${visibleJson(first)}:"`;
  if (!isScalar(value))
    return items.type === 'object' ? 'write "- " before its first field, to make it an item' : undefined;
  return items.type === 'object' ? undefined : `write [${describeValue(value)}]`;
};

/** Members that people write in place of the object that has them: "memory: 2Gi", "disk: virtio". */
const MEANT = ['guest', 'cores', 'type', 'bus', 'name', 'url', 'storage'];

const memberMeant = ({ properties = {}, required = [] }: SchemaNode, value: unknown): string | undefined => {
  const fits = (name: string): boolean => {
    const node = Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (node === undefined) return false;
    if (node['x-kubernetes-int-or-string'] === true) return true;
    return node.type === 'integer' ? typeof value === 'number' : node.type === typeof value;
  };
  return [...(required.length === 1 ? required : []), ...MEANT].find(fits);
};

const objectCorrection = (node: SchemaNode, value: unknown): string | undefined => {
  if (Array.isArray(value))
    return value.length === 1 && !isScalar(value[0]) ? 'write its item without "- "' : undefined;
  if (value === true) return 'write {}';
  if (value === false) return 'remove it';
  const member = memberMeant(node, value);
  return member === undefined ? undefined : `write {${member}: ${describeValue(value)}}`;
};

/** A mistake whose correction is plain from the value, such as quotes too many. */
const correction = (node: SchemaNode, value: unknown): string | undefined => {
  if (node.type === 'array') return listCorrection(node, value);
  if (node.type === 'object') return objectCorrection(node, value);
  if (node.type === 'string' && (typeof value === 'number' || typeof value === 'boolean'))
    return `write "${value}" in quotes`;
  if (node.type === 'string' && typeof value === 'object' && value !== null && !Array.isArray(value))
    return 'write "|" behind its colon: then the lines below are a text';
  if (typeof value !== 'string') return undefined;
  if (node.type === 'boolean' && /^(true|false)$/i.test(value)) return `write ${value.toLowerCase()} without quotes`;
  if (node.type === 'boolean' && /^(yes|on|y)$/i.test(value)) return 'write true';
  if (node.type === 'boolean' && /^(no|off|n)$/i.test(value)) return 'write false';
  const number = node.type === 'integer' ? /^-?\d{1,15}$/ : /^-?\d{1,15}(\.\d+)?$/;
  if ((node.type === 'integer' || node.type === 'number') && number.test(value)) return `write ${value} without quotes`;
  const [, count] = node.type === 'integer' ? (COUNT.exec(value) ?? []) : [];
  return count === undefined ? undefined : `write ${count}`;
};

/** A number with the unit that the field has in any case. */
const COUNT = /^(\d{1,9})\s*(?:s|secs?|seconds?|v?cpus?|cores?|sockets?|threads?)$/i;

const message = (node: SchemaNode, value: unknown): string => {
  const remedy = correction(node, value) ?? (value === null ? 'write one or remove the item' : `write ${wanted(node)}`);
  return `is ${describeValue(value)}, which is not ${wanted(node)}; ${remedy}`;
};

export const typeProblem = { wanted, message } as const;

/** A message about a number or a boolean with the digits that stand in the file, such as 1.10 for 1.1. */
export const asWritten = (message: string, value: unknown, written: string): string => {
  const shown = String(value);
  if (shown === written) return message;
  const own = visibleJson(written.slice(0, MAX_SHOWN));
  return message.replace(` is ${shown}`, () => ` is ${own}`).replaceAll(`"${shown}"`, () => `"${own}"`);
};
