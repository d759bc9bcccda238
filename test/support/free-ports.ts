/**
 * Ports on 127.0.0.1 for programs that are told theirs. The kernel gives these to nobody by itself (its own choices
 * begin at 32768), and each process has a block of its own: a port that was only asked for and let go may be another's
 * before the program is there to take it.
 */
import { createServer } from 'node:net';

const FIRST = 15_000;
const BLOCK = 16;
/** Processes that run side by side have neighbouring pids, so never the same block. */
const BLOCKS = 1_000;

let next = 0;

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });

export const freePort = async (): Promise<number> => {
  const first = FIRST + (process.pid % BLOCKS) * BLOCK;
  for (let attempt = 0; attempt < BLOCK; attempt += 1) {
    const port = first + (next % BLOCK);
    next += 1;
    if (await isFree(port)) return port;
  }
  throw new Error(`ports ${first} to ${first + BLOCK - 1} on 127.0.0.1 are all taken`);
};

export const freePorts = async (count: number): Promise<number[]> => {
  const ports: number[] = [];
  while (ports.length < count) ports.push(await freePort());
  return ports;
};
