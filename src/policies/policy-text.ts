import { recordOf } from '../api/record.js';
/*
 * How much of expressions a policy has. Compiled, a KiB of it takes some 2 ms and 64 KiB of memory: so what those who
 * write policies of their own namespace have together is bounded.
 */

/** Characters of all policies of one namespace: some 300 rules of the usual length. */
export const MAX_NAMESPACE_TEXT = 64 * 1024;
/** Of all namespaces: some 64 MiB. */
export const MAX_NAMESPACED_TEXT = 1024 * 1024;

const LISTS = ['variables', 'matchConditions', 'validations', 'auditAnnotations'] as const;

const lengthOf = (value: unknown): number => (typeof value === 'string' ? value.length : 0);

/** Of the spec of a policy, whatever its shape. */
export const expressionText = (spec: unknown): number => {
  let length = 0;
  for (const list of LISTS) {
    const items = recordOf(spec)[list];
    if (!Array.isArray(items)) continue;
    for (const item of items) {
      const { expression, messageExpression, valueExpression } = recordOf(item);
      length += lengthOf(expression) + lengthOf(messageExpression) + lengthOf(valueExpression);
    }
  }
  return length;
};
