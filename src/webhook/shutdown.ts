import type { Server } from 'node:https';
import type { Logger } from 'pino';
import type { Clock } from '../kube/clock.js';
import { sleep } from '../kube/clock.js';
import { closeServer } from '../kube/http-server/close.js';
import { endConnectionsWithAnswers } from '../kube/http-server/connections.js';

/** Endpoints and kube-proxy need that long to send new connections elsewhere. */
export const ANNOUNCE_MS = 5_000;
/** Kubelet's SIGKILL comes at 30 s; what has not ended by then is cut here, with a message. */
const DRAIN_MS = 20_000;

export interface Drain {
  readonly server: Server;
  readonly logger: Logger;
  readonly clock: Clock;
  /** Makes readiness fail, so that no new requests come. */
  readonly announce: () => void;
  /** Ends what is not a request: consoles, informers, timers. */
  readonly release: () => void;
  /** How long readiness fails before nobody can connect any more, in milliseconds. */
  readonly announceMs: number;
}

/**
 * Readiness first, and each answer says that the next request must go elsewhere; then no new connections, then the end
 * of the requests that run. A client that sends requests now and then loses none meanwhile.
 */
export const drain = async ({ server, logger, clock, announce, release, announceMs }: Drain): Promise<void> => {
  logger.info({}, 'shutting down');
  announce();
  endConnectionsWithAnswers(server);
  await sleep(clock, announceMs);
  release();
  if (await closeServer(server, clock, DRAIN_MS)) logger.warn({}, 'requests did not end in time and were cut');
  logger.info({}, 'shut down');
};
