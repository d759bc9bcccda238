import type { Server as HttpServer } from 'node:http';
import type { Clock } from '../clock.js';
import { cutConnections } from './connections.js';

/**
 * No new connections; those that are idle end now, the others with their answer, what has not ended by then is cut.
 * @returns whether something had to be cut
 */
export const closeServer = async (server: HttpServer, clock: Clock, graceMs: number): Promise<boolean> => {
  let cut = false;
  const closed = new Promise<void>((resolve) => {
    // An error says that it did not listen, which is what is wanted.
    server.close(() => resolve());
  });
  server.closeIdleConnections();
  const cancel = clock.after(graceMs, () => {
    cut = true;
    cutConnections(server);
  });
  await closed;
  cancel();
  return cut;
};
