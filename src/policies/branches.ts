import { childrenOf } from './cel/children.js';
import type { Node } from './cel/parse/node.js';
import type { Program } from './cel/program.js';
import type { CompiledPolicy } from './compile-policy.js';

/*
 * Where the expressions of a policy go one way or another: the sides of `&&` and `||`, the conditions of `?:`.
 */

export interface Branch {
  /** Where its expression stands in the policy. */
  readonly field: string;
  readonly operator: '&&' | '||' | '?:';
  /** What is true or false. */
  readonly node: Node;
  /** As it is written. */
  readonly text: string;
}

interface Written {
  readonly field: string;
  readonly program: Program | undefined;
}

/** All expressions of a policy, in the order in which they are looked at. */
const expressionsOf = (policy: CompiledPolicy): readonly Written[] => [
  ...policy.conditions.map(({ program }, i) => ({ field: `spec.matchConditions[${i}].expression`, program })),
  ...policy.variables.map((program, i) => ({ field: `spec.variables[${i}].expression`, program })),
  ...policy.validations.flatMap(({ program, message }, i) => [
    { field: `spec.validations[${i}].expression`, program },
    { field: `spec.validations[${i}].messageExpression`, program: message },
  ]),
  ...policy.auditAnnotations.map(({ program }, i) => ({
    field: `spec.auditAnnotations[${i}].valueExpression`,
    program,
  })),
];

const sidesOf = (node: Node): readonly Pick<Branch, 'operator' | 'node'>[] => {
  switch (node.kind) {
    case 'and':
    case 'or':
      return node.terms.map((term) => ({ operator: node.kind === 'and' ? '&&' : '||', node: term }));
    case 'conditional':
      return [{ operator: '?:', node: node.condition }];
    default:
      return [];
  }
};

const below = (node: Node): readonly Pick<Branch, 'operator' | 'node'>[] => [
  ...sidesOf(node),
  ...childrenOf(node).flatMap(below),
];

export const branchesOf = (policy: CompiledPolicy): readonly Branch[] =>
  expressionsOf(policy).flatMap(({ field, program }) =>
    program === undefined
      ? []
      : below(program.node).map(({ operator, node }) => ({
          ...{ field, operator, node },
          text: program.text.slice(node.start, node.end),
        })),
  );
