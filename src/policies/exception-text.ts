import { recordOf } from '../api/record.js';
/**
 * Characters of the conditions of all exceptions of a namespace: compiled, they take time and memory as policies do.
 */
export const MAX_CONDITION_TEXT = 64 * 1024;

/** Of the spec of an exception, whatever its shape: each condition is compiled for each policy. */
export const conditionText = (spec: unknown): number => {
  const { conditions, policies } = recordOf(spec);
  if (!Array.isArray(conditions) || !Array.isArray(policies)) return 0;
  const once = conditions.reduce<number>((sum, condition) => {
    const { expression } = recordOf(condition);
    return sum + (typeof expression === 'string' ? expression.length : 0);
  }, 0);
  return once * policies.length;
};
