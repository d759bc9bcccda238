import type { Node } from '../parse/node.js';
import type { Problem } from './checking.js';
import { typeText, type CelType } from './types.js';
import type { Bindings } from './unify.js';

/*
 * Kubernetes wants the items of a list, and the keys and values of a map, to be of one type as they are written: dyn is
 * one too. Arguments of format() are exempt.
 */

export interface Literal {
  readonly nodes: readonly Node[];
  readonly types: readonly CelType[];
  readonly exempt: boolean;
}

export const literalsProblem = ({ nodes, types, exempt }: Literal, bindings: Bindings): Problem | undefined => {
  const [first] = types;
  if (exempt || first === undefined) return undefined;
  const wanted = typeText(bindings.resolve(first, true));
  for (const [i, type] of types.entries()) {
    const found = typeText(bindings.resolve(type, true));
    const span = nodes[i];
    if (found === wanted || span === undefined) continue;
    const message = `expected type ${wanted} but found ${found}: all items of a literal are of one type; write dyn(…) around each`;
    return { message, span: { start: span.start, end: span.end } };
  }
  return undefined;
};
