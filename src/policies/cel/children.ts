import { macroOf } from './macros.js';
import type { CallNode, Node } from './parse/node.js';

/** The variables that a macro names are no reads of anything. */
const ofCall = (node: CallNode): readonly Node[] => {
  const macro = macroOf(node);
  switch (macro?.macro) {
    case 'has':
      return [macro.field.operand];
    case 'comprehension':
      return [macro.range, ...(macro.filter === undefined ? [] : [macro.filter]), macro.body];
    case 'optMap':
    case 'optFlatMap':
      return [macro.target, macro.body];
    default:
      return node.target === undefined ? node.args : [node.target, ...node.args];
  }
};

/** The nodes right below one, in the order in which they are written. */
export const childrenOf = (node: Node): readonly Node[] => {
  switch (node.kind) {
    case 'literal':
    case 'ident':
    case 'message':
      return [];
    case 'select':
      return [node.operand];
    case 'index':
      return [node.operand, node.index];
    case 'call':
      return ofCall(node);
    case 'unary':
      return [node.operand];
    case 'binary':
      return [node.left, node.right];
    case 'and':
    case 'or':
      return node.terms;
    case 'conditional':
      return [node.condition, node.then, node.otherwise];
    case 'list':
      return node.items.map(({ value }) => value);
    case 'map':
      return node.entries.flatMap(({ key, value }) => [key, value]);
  }
};
