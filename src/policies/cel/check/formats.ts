import { clausesOf } from '../functions/format.js';
import type { CallNode, Node } from '../parse/node.js';
import { isError } from '../values/errors.js';
import type { Problem } from './checking.js';
import { typeText, type CelType } from './types.js';

/*
 * Whether the arguments of a format that is written out fit its clauses.
 */

const ANY: ReadonlySet<CelType['kind']> = new Set(['dyn', 'param']);

export const formatProblem = (node: CallNode, typeOf: (node: Node) => CelType): Problem | undefined => {
  const { target, args } = node;
  const [list] = args;
  if (target?.kind !== 'literal' || typeof target.value !== 'string' || list?.kind !== 'list') return undefined;
  const pieces = clausesOf(target.value);
  if (isError(pieces)) return { message: pieces.message, span: target };
  const clauses = pieces.filter((piece) => typeof piece !== 'string');
  for (const [i, { verb }] of clauses.entries()) {
    const item = list.items[i];
    if (item === undefined) {
      const message = `format wants ${clauses.length} arguments and gets ${list.items.length}`;
      return { message, span: list };
    }
    const type = typeOf(item.value);
    const plain = type.kind === 'nullable' ? type.of : type;
    if (ANY.has(plain.kind) || (verb.kinds as readonly string[]).includes(plain.kind)) continue;
    const wanted = verb.kinds.join(', ');
    return { message: `this clause takes ${wanted}, and the argument is ${typeText(type)}`, span: item.value };
  }
  if (list.items.length <= clauses.length) return undefined;
  const message = `too many arguments: format wants ${clauses.length} and gets ${list.items.length}`;
  return { message, span: list };
};
