import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises';

/** CPU that requests wait for at most, but for an expression that takes longer by itself (some 20 ms at most). */
const SLICE_MS = 10;

/** Work in steps, between which others have their turn. */
export class Slices {
  private since = performance.now();

  /**
   * @param isPatient there is no hurry: the work takes half of the time at most
   * @param between what may be more urgent
   */
  async run<T>(steps: Generator<void, T>, isPatient: boolean, between?: () => Promise<void>): Promise<T> {
    for (;;) {
      if (performance.now() - this.since > SLICE_MS) {
        await (isPatient ? wait(SLICE_MS) : turn());
        this.since = performance.now();
        await between?.();
      }
      const step = steps.next();
      if (step.done === true) return step.value;
    }
  }
}
