import { execFileSync } from 'node:child_process';
import { createSocket, type Socket as DatagramSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import type { VirtualMachineInstance } from '../../src/api/schema/kinds.js';
import { apply, get, remove } from '../e2e/support/api.js';
import { GuestShell } from '../e2e/support/guest.js';
import { instance, makeNamespace, tapSpec, untilPhase, type InstanceSpec } from '../e2e/support/machines.js';
import type { Promised } from './report.js';

/*
 * The pod network by a tap beside passt: two guests on the test bed (npm run cluster -- up), measured in turn in the
 * same minutes, from the node. The median of some rounds counts: the machine does other things too. The
 * guest's side is a program of its own (network-peer/main.go): busybox moves a KiB at a time and speaks no UDP.
 */

const NAMESPACE = 'bench-pod-network';
const ROUNDS = Number(process.env['ROUNDS'] ?? 6);
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

interface Guest {
  readonly shell: GuestShell;
  readonly address: string;
}

const PEER = fileURLToPath(new URL('network-peer/main.go', import.meta.url));
const buildPeer = (): Buffer => {
  const directory = mkdtempSync(join(tmpdir(), 'network-peer-'));
  try {
    const built = join(directory, 'peer');
    const env = { ...process.env, CGO_ENABLED: '0', GO111MODULE: 'off', GOOS: 'linux', GOARCH: 'amd64' };
    execFileSync('go', ['build', '-ldflags=-s -w', '-o', built, PEER], { env });
    return gzipSync(readFileSync(built), { level: 9 });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
};

/** The program, for guests of a namespace. */
export const applyPeer = (namespace: string) =>
  apply({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'peer', namespace },
    binaryData: { peer: buildPeer().toString('base64') },
  });

const withPeer = (spec: InstanceSpec): InstanceSpec => {
  spec.domain.devices.disks?.push({ name: 'peer', disk: { bus: 'virtio' } });
  return {
    ...spec,
    terminationGracePeriodSeconds: 0,
    volumes: [...(spec.volumes ?? []), { name: 'peer', configMap: { name: 'peer' } }],
  };
};

const passtSpec = (): InstanceSpec => {
  const spec = tapSpec();
  const ports = Object.values(PORT).flatMap((port) => [
    { port, protocol: 'TCP' },
    { port, protocol: 'UDP' },
  ]);
  spec.domain.devices.interfaces = [{ name: 'default', passtBinding: {}, ports }];
  return spec;
};

/** A guest that runs the program, which is in the ConfigMap `peer` of its namespace. */
export const bootPeer = async (namespace: string, name: string, spec: InstanceSpec): Promise<Guest> => {
  await apply(instance(namespace, name, withPeer(spec)));
  await untilPhase(namespace, name, 'Running', 240);
  const shell = await GuestShell.open(namespace, name);
  const own = 'ip -4 -o addr show scope global';
  await shell.run(`n=0; until ${own} | grep -q inet || [ $n -ge 60 ]; do sleep 1; n=$((n+1)); done`, 90);
  await shell.run('mount -o ro /dev/vdb /mnt && gunzip -c /mnt/peer > /run/peer && chmod +x /run/peer');
  await shell.run('(/run/peer < /dev/null > /run/peer.log 2>&1 &) ; true');
  const vmi = await get<VirtualMachineInstance>(namespace, 'vmi', name);
  return { shell, address: vmi?.status?.interfaces?.[0]?.ipAddress ?? '' };
};

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
const into = async ({ address }: Guest): Promise<number> => {
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
const outOf = async ({ address }: Guest): Promise<number> => {
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
const tripByTcp = async ({ address }: Guest): Promise<number> => {
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
  { address }: Guest,
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
const tripByUdp = (guest: Guest): Promise<number> =>
  byUdp(guest, PORT.udpEcho, async (_socket, ask) => {
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
const intoByUdp = (guest: Guest): Promise<number> =>
  byUdp(guest, PORT.udpSink, async (socket, ask) => {
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
const outOfByUdp = (guest: Guest): Promise<number> =>
  byUdp(guest, PORT.udpSource, async (socket) => {
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

const MEASURES = [
  { what: 'TCP into the guest', unit: 'MiB/s', of: into, most: true, atLeast: 1.5 },
  { what: 'TCP out of the guest', unit: 'MiB/s', of: outOf, most: true, atLeast: 1.5 },
  { what: 'UDP into the guest', unit: 'MiB/s', of: intoByUdp, most: true, atLeast: 1 },
  { what: 'UDP out of the guest', unit: 'MiB/s', of: outOfByUdp, most: true, atLeast: 1 },
  { what: 'a round trip by TCP', unit: 'µs', of: tripByTcp, most: false, atLeast: 1 },
  { what: 'a round trip by UDP', unit: 'µs', of: tripByUdp, most: false, atLeast: 1 },
] as const;

export const benchNetwork = async (): Promise<Promised[]> => {
  await makeNamespace(NAMESPACE);
  try {
    await applyPeer(NAMESPACE);
    const guests = await Promise.all([
      bootPeer(NAMESPACE, 'tap', tapSpec()),
      bootPeer(NAMESPACE, 'passt', passtSpec()),
    ]);
    const results: Promised[] = [];
    for (const { what, unit, of, most, atLeast } of MEASURES) {
      const figures: [number[], number[]] = [[], []];
      for (let round = 0; round < ROUNDS; round++)
        for (const [index, guest] of guests.entries()) {
          const figure = await of(guest);
          process.stdout.write(`  ${what}, by ${index === 0 ? 'a tap' : 'passt'}: ${figure.toFixed(1)} ${unit}\n`);
          // A question or its answer was lost again and again.
          if (!Number.isNaN(figure)) figures[index]?.push(figure);
        }
      const [tap, passt] = [median(figures[0]), median(figures[1])];
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
