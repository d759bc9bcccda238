import { isNamespaceTerminating } from '../kube/client/api-error.js';
import type { Outcome } from '../kube/work/work-queue.js';

/** What is in the namespace goes by itself, and each deletion wakes us. This is for a namespace that does not end. */
const LOOK_AGAIN_MS = 60_000;

type Handler = (key: string) => Promise<Outcome | undefined>;

/**
 * Nothing can be made in a namespace that is being deleted, and to try is no failure: it is neither logged nor tried at
 * once, again and again.
 */
export const leavingEndingNamespaces =
  (handler: Handler): Handler =>
  async (key) => {
    try {
      return await handler(key);
    } catch (error) {
      if (!isNamespaceTerminating(error)) throw error;
      return { requeueAfterMs: LOOK_AGAIN_MS };
    }
  };
