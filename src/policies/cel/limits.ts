/*
 * What one expression may ask for. The units are Kubernetes' own; the rest bounds what its units do not count, so that
 * nothing that a policy's author or a VM's owner writes holds the one thread for long.
 */

/** Limits of an expression's text, looked at before anything walks it. */
export const TEXT_LIMITS = {
  /** UTF-16 units. */
  length: 10 * 1024,
  depth: 100,
  nodes: 5000,
  listItems: 1000,
  /** Comprehensions inside one another. */
  comprehensions: 4,
  /** Characters of a regular expression. */
  pattern: 1024,
} as const;

/** Limits of an evaluation. */
export const BUDGET = {
  /** Kubernetes' units, as there: what passes here passes there. */
  expression: 1_000_000,
  policy: 1_000_000,
  request: 2_000_000,
  /** What all policies of the object's own namespace may spend of a request's units. */
  namespacedPolicies: 500_000,
  /**
   * Work that Kubernetes' units do not count: nodes evaluated, items copied or compared, states of a regular
   * expression. One is at most some 25 ns here.
   */
  steps: 1_500_000,
  /** Characters of a text that is made. */
  text: 64 * 1024,
  /** Items of a list or map that is made. */
  items: 10_000,
  /** How deep values are walked. */
  depth: 100,
} as const;
