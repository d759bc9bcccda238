import { createSocket, type Socket as DatagramSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/*
 * What a network of a guest carries, asked from the node. The guest's side is a program of its own
 * (network-peer/main.go): busybox moves a KiB at a time and speaks no UDP.
 */

/** Of a throughput. */
const SECONDS = 2;
const TRIPS = 300;
export const PIECE = Buffer.alloc(256 * 1024);
/** What a usual network carries whole. */
const DATAGRAM = Buffer.alloc(1400);
/** Of network-peer/main.go. */
export const PORT = { sink: 9000, source: 9001, echo: 9002, udpEcho: 9003, udpSink: 9004, udpSource: 9005 };
/** Datagrams that the usual buffer of a socket holds. */
const WINDOW = 64;
/** What the guest is asked to send. */
const BURST = 20_000;

/** The guest's program may not listen yet. */
const reach = async (host: string, port: number): Promise<Socket> => {
  for (let tries = 0; tries < 50; tries++) {
    // Who only takes may end its own direction.
    const socket = connect({ host, port, noDelay: true, allowHalfOpen: true });
    try {
      await once(socket, 'connect');
      return socket;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
  throw new Error(`nobody answers at ${host}:${port}`);
};

export const seconds = (since: bigint): number => Number(process.hrtime.bigint() - since) / 1e9;
const inMebibytes = (bytes: number, since: bigint): number => bytes / 2 ** 20 / seconds(since);
const deadline = (ms = 30_000) => ({ signal: AbortSignal.timeout(ms) });

/** MiB a second into the guest: until it has ended the connection, and so has read all. */
export const into = async (address: string): Promise<number> => {
  const socket = await reach(address, PORT.sink);
  socket.resume();
  const since = process.hrtime.bigint();
  let sent = 0;
  for (; seconds(since) < SECONDS; sent += PIECE.length)
    if (!socket.write(PIECE)) await once(socket, 'drain', deadline());
  socket.end();
  await once(socket, 'close', deadline());
  return inMebibytes(sent, since);
};

/** MiB a second out of the guest. */
export const outOf = async (address: string): Promise<number> => {
  const socket = await reach(address, PORT.source);
  const since = process.hrtime.bigint();
  let bytes = 0;
  for await (const piece of socket) {
    bytes += (piece as Buffer).length;
    if (seconds(since) > SECONDS) break;
  }
  socket.destroy();
  return inMebibytes(bytes, since);
};

export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;

/** Microseconds there and back, one byte by TCP. */
export const tripByTcp = async (address: string): Promise<number> => {
  const socket = await reach(address, PORT.echo);
  const trips: number[] = [];
  for (let i = 0; i < TRIPS; i++) {
    const since = process.hrtime.bigint();
    socket.write('x');
    await once(socket, 'data', deadline(5_000));
    trips.push(seconds(since) * 1e6);
  }
  socket.destroy();
  return median(trips);
};

/** @param use gets a socket of the guest's port and what asks: sends, and waits a second for an answer */
const byUdp = async <T>(
  address: string,
  port: number,
  use: (socket: DatagramSocket, ask: (text: string) => Promise<string | undefined>) => Promise<T>,
): Promise<T> => {
  const socket = createSocket({ type: 'udp4', recvBufferSize: 8 * 2 ** 20 });
  socket.connect(port, address);
  await once(socket, 'connect');
  // The guest's program may not listen yet.
  socket.on('error', () => undefined);
  const ask = async (text: string): Promise<string | undefined> => {
    socket.send(text);
    const answer: unknown[] | undefined = await once(socket, 'message', deadline(1_000)).catch(() => undefined);
    return answer === undefined ? undefined : String(answer[0]);
  };
  try {
    return await use(socket, ask);
  } finally {
    socket.close();
  }
};

/** Microseconds there and back, a datagram. */
export const tripByUdp = (address: string): Promise<number> =>
  byUdp(address, PORT.udpEcho, async (_socket, ask) => {
    const trips: number[] = [];
    for (let lost = 0; trips.length < TRIPS && lost < 20;) {
      const since = process.hrtime.bigint();
      if ((await ask('x')) === undefined) lost++;
      else trips.push(seconds(since) * 1e6);
    }
    return trips.length < TRIPS ? NaN : median(trips);
  });

/**
 * MiB a second that reach a program in the guest, a window at a time: of more than it can take most would be dropped,
 * and what was measured were the drops.
 */
export const intoByUdp = (address: string): Promise<number> =>
  byUdp(address, PORT.udpSink, async (socket, ask) => {
    const arrived = async (): Promise<number> => {
      for (let tries = 0; tries < 20; tries++) {
        const answer = await ask('?');
        if (answer !== undefined) return Number(answer);
      }
      return NaN;
    };
    await arrived();
    const since = process.hrtime.bigint();
    let bytes = 0;
    while (seconds(since) < SECONDS) {
      for (let sent = 0; sent < WINDOW; sent++) socket.send(DATAGRAM);
      bytes += await arrived();
    }
    return inMebibytes(bytes, since);
  });

/** MiB a second of what a program in the guest sends. */
export const outOfByUdp = (address: string): Promise<number> =>
  byUdp(address, PORT.udpSource, async (socket) => {
    let bytes = 0;
    let [first, last] = [0n, 0n];
    const came = new Promise<void>((resolve) => {
      let quiet = setTimeout(resolve, 5_000);
      socket.on('message', (data) => {
        last = process.hrtime.bigint();
        // From the first on, which is not counted.
        if (first === 0n) first = last;
        else bytes += data.length;
        clearTimeout(quiet);
        quiet = setTimeout(resolve, 500);
      });
    });
    // The question may be lost.
    for (let tries = 0; tries < 3 && first === 0n; tries++) {
      socket.send(String(BURST));
      await new Promise((resolve) => setTimeout(resolve, 1_000));
    }
    await came;
    return bytes / 2 ** 20 / (Number(last - first) / 1e9);
  });
