/*
 * Work in steps: whoever has one thread for many runs it a few at a time, others at once.
 */

export const atOnce = <T>(work: Generator<void, T>): T => {
  for (;;) {
    const { done, value } = work.next();
    if (done === true) return value;
  }
};
