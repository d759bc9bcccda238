import { isConflict, isNotFound } from '../kube/client/api-error.js';
import type { Outcome } from '../kube/work/work-queue.js';

/* How a pass of a reconciler ends when another program wrote first. */

/** For the case that the watch does not report the change by itself. */
export const SOON = { requeueAfterMs: 500 } as const;

/** Another program wrote first: the watch reports the change and triggers the next pass. */
export const unlessConflict = async (pass: () => Promise<Outcome | undefined>): Promise<Outcome | undefined> => {
  try {
    return await pass();
  } catch (error) {
    if (isConflict(error)) return SOON;
    throw error;
  }
};

/**
 * The same, of an object that may be deleted in the meantime: then there is nothing left to do, and the watch says so.
 */
export const unlessGone = (pass: () => Promise<Outcome | undefined>): Promise<Outcome | undefined> =>
  unlessConflict(async () => {
    try {
      return await pass();
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  });
