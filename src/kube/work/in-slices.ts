/** What others who wait for the thread may have to wait longer. */
const SLICE_MS = 10;

/** Runs work that comes in steps, and lets others have the thread between them. */
export const inSlices = async <T>(work: Generator<void, T>): Promise<T> => {
  let began = performance.now();
  for (;;) {
    const { done, value } = work.next();
    if (done === true) return value;
    if (performance.now() - began < SLICE_MS) continue;
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    began = performance.now();
  }
};
