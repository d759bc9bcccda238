/*
 * What policies are compiled and judged by. Imported when the first policy is seen: a cluster without policies has
 * nothing of it in memory.
 */

export { brokenPolicy } from '../../policies/broken-policy.js';
export { compilingPolicy } from '../../policies/compile-policy.js';
export { preparing, readStoredException } from '../../policies/exceptions.js';
export { letBeAsOwner } from '../../policies/owner.js';
export { causeOf, isRefused, verdictOf } from '../../policies/verdict.js';
export { ruleOf } from '../../policies/finding.js';
