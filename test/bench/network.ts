import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { VirtualMachineInstance } from '../../src/api/schema/kinds.js';
import { apply, get, remove } from '../e2e/support/api.js';
import { GuestShell } from '../e2e/support/guest.js';
import { instance, makeNamespace, tapSpec, tinySpec, untilPhase, type InstanceSpec } from '../e2e/support/machines.js';
import type { Promised } from './report.js';

/*
 * The pod network by a tap beside passt: two guests on the test bed (npm run cluster -- up), measured in turn in the
 * same minutes, from the node. The best of some rounds counts: what else the machine did made the others slower.
 */

const NAMESPACE = 'bench-pod-network';
const ROUNDS = Number(process.env['ROUNDS'] ?? 5);
const MEBIBYTES = 64;
const TRIPS = 300;
const PORT = { sink: 9000, source: 9001, echo: 9002, datagrams: 9003 };

interface Guest {
  readonly name: string;
  readonly shell: GuestShell;
  readonly address: string;
}

const passtSpec = (): InstanceSpec => {
  const spec = tapSpec();
  const ports = Object.values(PORT).flatMap((port) => [
    { port, protocol: 'TCP' },
    { port, protocol: 'UDP' },
  ]);
  spec.domain.devices.interfaces = [{ name: 'default', passtBinding: {}, ports }];
  return spec;
};

const boot = async (name: string, spec: ReturnType<typeof tinySpec>): Promise<Guest> => {
  await apply(instance(NAMESPACE, name, { ...spec, terminationGracePeriodSeconds: 0 }));
  await untilPhase(NAMESPACE, name, 'Running', 240);
  const shell = await GuestShell.open(NAMESPACE, name);
  const own = 'ip -4 -o addr show scope global';
  await shell.run(`n=0; until ${own} | grep -q inet || [ $n -ge 60 ]; do sleep 1; n=$((n+1)); done`, 90);
  const servers = [
    `while true; do nc -l -p ${PORT.sink} > /dev/null; done`,
    `while true; do dd if=/dev/zero bs=64k count=${MEBIBYTES * 16} 2> /dev/null | nc -l -p ${PORT.source}; done`,
    `mkfifo /tmp/t; while true; do cat /tmp/t | nc -l -p ${PORT.echo} > /tmp/t; done`,
    `mkfifo /tmp/u; while true; do cat /tmp/u | nc -u -l -p ${PORT.datagrams} > /tmp/u; done`,
  ];
  for (const server of servers) await shell.run(`(${server}) < /dev/null > /dev/null 2>&1 & true`);
  const vmi = await get<VirtualMachineInstance>(NAMESPACE, 'vmi', name);
  return { name, shell, address: vmi?.status?.interfaces?.[0]?.ipAddress ?? '' };
};

/** The guest's servers serve one at a time and begin again: the next connection may come too early. */
const reach = async (host: string, port: number): Promise<Socket> => {
  for (let tries = 0; tries < 50; tries++) {
    // A server without input ends its own direction at once.
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

const seconds = (since: bigint): number => Number(process.hrtime.bigint() - since) / 1e9;

/** MiB a second into the guest: until it has ended the connection, and so has read all. */
const into = async ({ address }: Guest): Promise<number> => {
  const socket = await reach(address, PORT.sink);
  socket.resume();
  const since = process.hrtime.bigint();
  const piece = Buffer.alloc(64 * 1024);
  for (let sent = 0; sent < MEBIBYTES * 16; sent++) if (!socket.write(piece)) await once(socket, 'drain');
  socket.end();
  await once(socket, 'close', { signal: AbortSignal.timeout(60_000) });
  return MEBIBYTES / seconds(since);
};

/** MiB a second out of the guest. */
const outOf = async ({ address }: Guest): Promise<number> => {
  const socket = await reach(address, PORT.source);
  const since = process.hrtime.bigint();
  let bytes = 0;
  for await (const piece of socket) bytes += (piece as Buffer).length;
  return bytes / 2 ** 20 / seconds(since);
};

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;

/** Microseconds there and back, one byte by TCP. */
const tripByTcp = async ({ address }: Guest): Promise<number> => {
  const socket = await reach(address, PORT.echo);
  const trips: number[] = [];
  for (let i = 0; i < TRIPS; i++) {
    const since = process.hrtime.bigint();
    socket.write('x');
    await once(socket, 'data', { signal: AbortSignal.timeout(5_000) });
    trips.push(seconds(since) * 1e6);
  }
  socket.destroy();
  return median(trips);
};

/** Microseconds there and back, a datagram. */
const tripByUdp = async ({ address }: Guest): Promise<number> => {
  const socket = createSocket('udp4');
  socket.connect(PORT.datagrams, address);
  await once(socket, 'connect');
  const trips: number[] = [];
  for (let i = 0; i < TRIPS; i++) {
    const since = process.hrtime.bigint();
    socket.send('x');
    await once(socket, 'message', { signal: AbortSignal.timeout(5_000) });
    trips.push(seconds(since) * 1e6);
  }
  socket.close();
  return median(trips);
};

const MEASURES = [
  { what: 'TCP into the guest', unit: 'MiB/s', of: into, most: true, atLeast: 1.5 },
  { what: 'TCP out of the guest', unit: 'MiB/s', of: outOf, most: true, atLeast: 1.5 },
  { what: 'a round trip by TCP', unit: 'µs', of: tripByTcp, most: false, atLeast: 1 },
  { what: 'a round trip by UDP', unit: 'µs', of: tripByUdp, most: false, atLeast: 1 },
] as const;

export const benchNetwork = async (): Promise<Promised[]> => {
  await makeNamespace(NAMESPACE);
  try {
    const guests = [await boot('tap', tapSpec()), await boot('passt', passtSpec())] as const;
    const results: Promised[] = [];
    for (const { what, unit, of, most, atLeast } of MEASURES) {
      const best: [number, number] = most ? [0, 0] : [Infinity, Infinity];
      for (let round = 0; round < ROUNDS; round++)
        for (const [index, guest] of guests.entries()) {
          const figure = await of(guest);
          best[index] = most ? Math.max(best[index] ?? 0, figure) : Math.min(best[index] ?? Infinity, figure);
        }
      const [tap, passt] = best;
      process.stdout.write(`${what}: ${tap.toFixed(0)} by a tap, ${passt.toFixed(0)} ${unit} by passt\n`);
      const ratio = most ? tap / passt : passt / tap;
      results.push({
        name: `${what}, a tap beside passt`,
        limit: `${atLeast} × as good`,
        figure: `${ratio.toFixed(2)} × (${tap.toFixed(0)} and ${passt.toFixed(0)} ${unit})`,
        kept: ratio >= atLeast,
      });
    }
    for (const { shell } of guests) await shell.close();
    return results;
  } finally {
    await remove('', 'namespace', NAMESPACE);
  }
};
