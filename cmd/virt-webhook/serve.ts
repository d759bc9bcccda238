import type { Server } from 'node:https';
import { listen as listenOn, parseListen } from '../../src/kube/http-server/listen.js';

/** Listens, and gives the address that clients may use. @throws Error when the address cannot be listened on */
export const listen = async (server: Server, address: string): Promise<string> => {
  const wanted = parseListen(address);
  return `${wanted.host ?? '0.0.0.0'}:${await listenOn(server, wanted)}`;
};

/** Resolves at the first SIGTERM or SIGINT. */
export const termination = (): Promise<void> =>
  new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
  });
