/* Values that the examples of several files are made of. */

/** The longest key: a prefix of 253 characters and a name of 63. */
export const longestKey = `${Array(4).fill('a'.repeat(62)).join('.')}.b/${'c'.repeat(63)}`;
