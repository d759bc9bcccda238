import { suggest } from '../../../api/schema-check/suggest.js';
import { dottedName, type Node } from '../parse/node.js';
import type { ObjectShape } from './types.js';

/*
 * What to say of a field that is not there.
 */

/** `object.spec.template` as users know it: without the name of the variable. */
const placeOf = (node: Node): string | undefined => {
  if (node.kind !== 'select') return undefined;
  const name = dottedName(node.operand);
  return name?.startsWith('object.') === true ? name.slice('object.'.length) : name;
};

export const unknownField = (shape: ObjectShape, field: string, node: Node): string => {
  const place = placeOf(node);
  const where = place === undefined || place === shape.name ? '' : ` in ${place}`;
  const near = suggest(field, shape.names());
  const meant = near === undefined ? '' : `; did you mean ${JSON.stringify(near)}?`;
  return `${shape.name} has no field ${JSON.stringify(field)}${where}${meant}`;
};
