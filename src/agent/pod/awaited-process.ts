import { type Clock, sleep } from '../../kube/clock.js';
import type { ContainerProcess } from './pod-process.js';

/** How long a container that kubelet calls running may not be seen: a loaded node is late with it. */
export const UNSEEN_MS = 5_000;
const LOOK_MS = 200;

/**
 * The first process of a container as soon as it is seen. While its runtime hands it over to its parent, and while the
 * machine is busy, one look may miss it.
 * @param hasEnded it was seen, and is gone: nothing to wait for
 */
export const awaitedProcess = async (
  look: () => Promise<ContainerProcess | undefined>,
  hasEnded: () => boolean,
  clock: Clock,
): Promise<ContainerProcess | undefined> => {
  const until = clock.now() + UNSEEN_MS;
  for (;;) {
    const found = await look();
    if (found !== undefined || hasEnded() || clock.now() >= until) return found;
    await sleep(clock, LOOK_MS);
  }
};
