import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';

export interface RawTarget {
  readonly port: number;
  /** Absent: plain TCP. */
  readonly tls?: ConnectionOptions | undefined;
  /** An address of this machine to come from. */
  readonly localAddress?: string;
}

export interface RawAnswer {
  /** Of every answer in what came back. */
  readonly statuses: readonly number[];
  readonly text: string;
}

/** What comes later is no answer to something odd; that there is an answer is worth waiting for longer. */
const PATIENCE_MS = 400;
/** For the connection, on a machine that is busy. */
const CONNECT_MS = 10_000;
/** After the last bytes; answers to several requests come one after the other. */
const QUIET_MS = 25;

export const open = ({ port, tls, localAddress }: RawTarget): Socket => {
  const where = { port, host: '127.0.0.1', localAddress };
  const socket = tls === undefined ? connectTcp(where) : connectTls({ ...where, servername: 'virt-webhook', ...tls });
  // However it ends, it ends.
  socket.on('error', () => undefined);
  return socket;
};

/** Sends bytes and takes what comes back, until the other side closes, is quiet or has no answer. Never rejects. */
export const exchange = (target: RawTarget, bytes: Buffer, patienceMs = PATIENCE_MS): Promise<RawAnswer> =>
  new Promise((resolve) => {
    const socket = open(target);
    const chunks: Buffer[] = [];
    const done = (): void => {
      clearTimeout(timer);
      socket.destroy();
      const text = Buffer.concat(chunks).toString('latin1');
      const statuses = [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
      resolve({ statuses, text });
    };
    let timer = setTimeout(done, CONNECT_MS);
    const wait = (milliseconds: number): void => {
      clearTimeout(timer);
      timer = setTimeout(done, milliseconds);
    };
    socket.once(target.tls === undefined ? 'connect' : 'secureConnect', () => {
      wait(patienceMs);
      socket.write(bytes);
    });
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      wait(QUIET_MS);
    });
    socket.once('close', done);
  });

/** Does the work with so many at a time. */
export const inParallel = async <T>(
  items: readonly T[],
  width: number,
  work: (item: T) => Promise<void>,
): Promise<void> => {
  const queue = items.values();
  const worker = async (): Promise<void> => {
    for (const item of queue) await work(item);
  };
  await Promise.all(Array.from({ length: width }, worker));
};
